// Generates the figure of a sum of latents: its exemplars, their means, and the sum among its neighbours, as in figure 7 of Radford
// 2016.
import { jittered, meanLatent, type Latent } from '../../../runtime-web/format/latents.ts';
import { latentFromSeed } from '../../../runtime-web/format/random.ts';
import { sumOfSeeds, type SeedTerm } from './arithmetic-trials.ts';
import { UserError } from '../../errors.ts';
import { drawLatents } from '../../model-package/draw-latents.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import { figureLayout, sumFigure } from './sum-figure.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';

/** The inputs of a sum. */
export interface SumPlan {
  readonly terms: readonly SeedTerm[];
  readonly strength: number;
  /** Amplitude of the neighbours' noise. */
  readonly jitter: number;
  readonly jitterSeed: number;
}

const maxPixels = 100_000_000;

/** Nine latents [dim]: the sum at index 4, and 8 neighbours of it. */
export function sumLatents({ model }: ModelPackage, plan: SumPlan): Latent[] {
  return jittered(sumOfSeeds(model, plan.terms, plan.strength), plan.jitter, plan.jitterSeed);
}

/** Throws UserError if the figure would have too many pixels. */
export function checkFigure({ model }: ModelPackage, exemplars: readonly number[], scale: number): void {
  const { width, height } = figureLayout(exemplars, {
    width: model.width * scale,
    height: model.height * scale,
  });
  if (width * height <= maxPixels) return;
  throw new UserError(
    `the figure would have ${width}x${height} pixels, more than ${maxPixels / 1e6} million; ` +
      'give fewer exemplars, or a smaller --scale',
  );
}

/** The figure as a PNG. Throws the signal's reason when aborted. */
export async function drawSum(
  opened: ModelPackage,
  plan: SumPlan,
  scale: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { dim, distribution } = opened.model.latent;
  const exemplars = plan.terms.map(({ seeds }) =>
    seeds.map((seed) => latentFromSeed(seed, dim, distribution)),
  );
  const means = exemplars.map((latents) => meanLatent(latents));
  const images: HostTensor[] = [];
  const latents = [...exemplars.flat(), ...means, ...sumLatents(opened, plan)];
  for await (const image of drawLatents(opened, latents, signal)) images.push(image);
  const take = (count: number): HostTensor[] => images.splice(0, count);
  const columns = exemplars.map(({ length }) => take(length));
  const meanImages = take(means.length);
  const terms = plan.terms.map(({ sign }, t) => ({ sign, exemplars: columns[t]!, mean: meanImages[t]! }));
  return sumFigure(terms, images, scale);
}
