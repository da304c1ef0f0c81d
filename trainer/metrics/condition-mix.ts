// The conditions of a conditional model's samples when they are measured: classes in the shares of the data that the samples are compared
// with, attributes and numbers as the data's images have them, codes drawn as in training. Codes that take turns would show each choice
// equally often in any part of the samples.
import type { CodeValue, Wanted } from '../../runtime-web/format/condition.ts';
import { conditionFields } from '../../runtime-web/format/condition-fields.ts';
import type { ExampleConditioning } from '../../runtime-web/format/example-rows.ts';
import { nameIndex } from '../../runtime-web/format/names.ts';
import type { Code, Conditioning } from '../../runtime-web/format/model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { countsFor, labelByShares, mixText } from './class-shares.ts';
import type { SetLabels } from './set-labels.ts';

/** The conditions of samples. */
export interface ConditionMix {
  readonly of: Exclude<Conditioning, null>['kind'];
  /** For the protocol: `few 25%, many 75%`. */
  readonly text: string;
  /** The conditions of the images of these seeds. */
  wantedOf(seeds: readonly number[]): Wanted;
}

/** Number of the data's images whose attributes or numbers samples take, from the first on. */
const followed = 10_000;

/**
 * The mix of a model's samples that are compared with data of these labels (null for none), of which `available` images can be used. Null
 * for a model without conditioning.
 */
export async function conditionMix(
  conditioning: Conditioning,
  labels: SetLabels | null,
  available: number,
): Promise<ConditionMix | null> {
  if (conditioning === null) return null;
  if (conditioning.kind === 'codes') {
    const { codes } = conditioning;
    return {
      of: 'codes',
      text: 'at random by seed',
      wantedOf: (seeds) => ({ codes: seeds.map((seed) => randomCodes(codes, seed)) }),
    };
  }
  if (conditioning.kind !== 'classes') return attributeMix(conditioning, labels, available);
  const { names } = conditioning;
  const { classNames = null, classCounts = null } = labels ?? {};
  const counts = countsFor(names, classNames && classCounts && { names: classNames, counts: classCounts });
  if (counts === null) return { of: 'classes', text: 'in turn', wantedOf: () => ({}) };
  const labelOf = labelByShares(counts);
  return {
    of: 'classes',
    text: mixText(names, counts),
    wantedOf: (seeds) => ({ labels: seeds.map(labelOf) }),
  };
}

/** Sample s takes the attributes or numbers of the data's image s, those that the model has, modulo the number of images followed. */
async function attributeMix(
  conditioning: ExampleConditioning,
  labels: SetLabels | null,
  available: number,
): Promise<ConditionMix> {
  const of = conditioning.kind;
  const fields = conditionFields(conditioning);
  const known = (labels?.attributes ?? []).map(({ name }) => name);
  const columns = fields.map(({ name }) => nameIndex(known, name));
  const missing = fields.filter((_, i) => columns[i]! < 0).map(({ name }) => name);
  const count = Math.min(followed, available);
  if (missing.length === fields.length || count < 1 || labels === null) {
    return { of, text: 'of the examples in turn', wantedOf: () => ({}) };
  }
  const values = await labels.readAttributes(0, count);
  const wanted = (seed: number): Record<string, number> =>
    Object.fromEntries(
      fields.flatMap((field, i) => {
        if (columns[i]! < 0) return [];
        const value = values[(seed % count) * known.length + columns[i]!]!;
        const [least, most] = field.kind === 'number' ? [field.least, field.most] : [0, 1];
        // Other data than the model's may go beyond its range.
        return [[field.name, Math.min(most, Math.max(least, value))]];
      }),
    );
  return {
    of,
    text: `as in the data's images${missing.length === 0 ? '' : `, but ${missing.join(', ')} of the examples`}`,
    wantedOf: (seeds) => ({ condition: seeds.map(wanted) }),
  };
}

/** The codes of a seed, each in its distribution in training (Chen 2016): a choice or a number of the range, all equally likely. */
function randomCodes(codes: readonly Code[], seed: number): readonly CodeValue[] {
  // Another stream than that of the seed's latent.
  const random = new Random((Math.imul(seed + 1, 0x9e3779b1) ^ 0x636f6465) >>> 0);
  return codes.map((code) => {
    const share = random.uniform();
    return code.kind === 'choice'
      ? Math.floor(share * code.choices.length)
      : code.least + (code.most - code.least) * share;
  });
}
