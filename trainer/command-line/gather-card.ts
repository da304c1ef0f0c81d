// A model's card and its grid of samples, as `card` and `publish` make them.
import { dirname } from 'node:path';
import { drawSamples, type DrawnSamples } from '../card/draw-samples.ts';
import type { Card } from '../card/card.ts';
import { makeCard } from '../card/make-card.ts';
import { privatePlaces } from '../card/private-places.ts';
import { readRunFacts } from '../card/run-facts.ts';
import type { Statements } from '../card/statements.ts';
import type { ModelPackage } from '../model-package/read-package.ts';
import type { CommandContext } from './context.ts';
import { programVersion } from './invocation.ts';

/** A card, its samples, and the places on this machine that must not be in it. */
export interface GatheredCard {
  readonly card: Card;
  readonly samples: DrawnSamples;
  readonly places: readonly string[];
}

/** Gathers the card of a model; `samplesFile` is the name of the PNG. Throws UserError for a package that cannot be run. */
export async function gatherCard(
  opened: ModelPackage,
  stated: Statements,
  samplesFile: string,
  { cwd, signal }: CommandContext,
): Promise<GatheredCard> {
  const run = await readRunFacts(dirname(opened.folder), opened.model.metrics);
  const places = privatePlaces([cwd, opened.folder, ...(run?.paths ?? [])]);
  const samples = await drawSamples(opened, signal);
  const shown = { file: samplesFile, caption: samples.caption };
  const card = await makeCard({ opened, run, stated, version: programVersion, samples: shown, places });
  return { card, samples, places };
}
