// The classes or codes of a conditional model's samples when they are measured: classes in the shares of the data that the samples are
// compared with, codes drawn as in training. Codes that take turns would show each choice equally often in any part of the samples.
import type { CodeValue, Wanted } from '../../runtime-web/format/condition.ts';
import type { Code, Conditioning } from '../../runtime-web/format/model.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { countsFor, labelByShares, mixText, type ClassCounts } from './class-shares.ts';

/** The labels or codes of samples. */
export interface ConditionMix {
  readonly of: Exclude<Conditioning, null>['kind'];
  /** For the protocol: `few 25%, many 75%`. */
  readonly text: string;
  /** The labels or codes of the images of these seeds. */
  wantedOf(seeds: readonly number[]): Wanted;
}

/** The mix of a model's samples that are compared with data of these classes (null for none); null for a model without conditioning. */
export function conditionMix(conditioning: Conditioning, data: ClassCounts | null): ConditionMix | null {
  if (conditioning === null) return null;
  if (conditioning.kind === 'codes') {
    const { codes } = conditioning;
    return {
      of: 'codes',
      text: 'at random by seed',
      wantedOf: (seeds) => ({ codes: seeds.map((seed) => randomCodes(codes, seed)) }),
    };
  }
  if (conditioning.kind !== 'classes') {
    return { of: conditioning.kind, text: 'examples in turn', wantedOf: () => ({}) };
  }
  const { names } = conditioning;
  const counts = countsFor(names, data);
  if (counts === null) return { of: 'classes', text: 'in turn', wantedOf: () => ({}) };
  const labelOf = labelByShares(counts);
  return {
    of: 'classes',
    text: mixText(names, counts),
    wantedOf: (seeds) => ({ labels: seeds.map(labelOf) }),
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
