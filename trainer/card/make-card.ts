// Gathers a model's card.
import { conditionFields } from '../../runtime-web/format/condition-fields.ts';
import type { Metric } from '../../runtime-web/format/model.ts';
import { fileRoles } from '../../runtime-web/format/package-files.ts';
import type { ModelPackage } from '../model-package/read-package.ts';
import { cardVersion, isOfAudit, type Card, type CardAudit, type CardSamples } from './card.ts';
import { countWeights } from './count-weights.ts';
import { limitsOf } from './limits.ts';
import { valueWithoutPlaces } from './private-places.ts';
import type { RunFacts } from './run-facts.ts';
import type { Statements } from './statements.ts';

/** Options of {@link makeCard}. */
export interface CardOptions {
  readonly opened: ModelPackage;
  /** Null for a model without its run. */
  readonly run: RunFacts | null;
  readonly stated: Statements;
  /** The version of this program. */
  readonly version: string;
  readonly samples: CardSamples;
  /** Places on this machine, of which only names go into the card: see {@link valueWithoutPlaces}. */
  readonly places: readonly string[];
}

/** Makes a card. Throws UserError if the generator's file is missing or altered. */
export async function makeCard(options: CardOptions): Promise<Card> {
  const { opened, run, stated, version, samples, places } = options;
  const { model } = opened;
  const { name, formatVersion, width, height, channels, latent, conditioning, training, origin } = model;
  const made: Omit<Card, 'stated' | 'limits'> = {
    card: cardVersion,
    program: `dcgan ${version}`,
    writtenAt: new Date().toISOString(),
    model: {
      ...{ name, formatVersion, width, height, channels, latent },
      conditioning: conditioning && { kind: conditioning.kind, fields: conditionFields(conditioning) },
      network: run?.network ?? null,
      weights: countWeights(await opened.readFile('generator')),
      files: fileRoles.flatMap((role) => {
        const file = model.files[role];
        return file === undefined ? [] : [{ role, ...file }];
      }),
    },
    training,
    session: run?.session ?? null,
    settings: run?.settings ?? {},
    origin,
    metrics: model.metrics,
    findings: run?.findings ?? [],
    audit: run?.audit ?? storedAudit(model.metrics),
    verdict: run?.verdict ?? null,
    samples,
  };
  const shown = valueWithoutPlaces(made, places);
  return { ...shown, stated, limits: limitsOf(shown) };
}

/** The audit whose figures are in model.json, for a model without its run. */
function storedAudit(metrics: readonly Metric[]): CardAudit | null {
  const verdict = metrics.filter(isOfAudit).at(-1)?.protocol['verdict'];
  if (verdict === undefined) return null;
  const summary = 'The figures are those in model.json, with their protocol.';
  return { title: 'Audit', summary, step: null, tables: [], verdict: String(verdict) };
}
