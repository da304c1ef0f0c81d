// Measures how well the discriminator of a model package tells real images from the generator's own: which share of each it calls real, and
// how often it prefers the real one of a pair.
import { areaUnderCurve, ranksOf } from '../trainer/analysis/attributes/area-under-curve.ts';
import { latentFromSeed } from '../runtime-web/format/random.ts';
import type { HostTensor } from '../trainer/graph/trace/graph.ts';
import { held } from '../trainer/held.ts';
import { conditionFor, labelsName } from '../runtime-web/format/condition.ts';
import { openPackageGenerator } from '../trainer/model-package/draw-latents.ts';
import { openNativeSession } from '../trainer/model-package/native-session.ts';
import type { ModelPackage } from '../trainer/model-package/read-package.ts';

/** The figures; fractions. */
export interface DiscriminatorFigures {
  /** Number of real images, and of generated ones. */
  readonly images: number;
  /** Real and generated images that D calls real: those with a probability of at least one half. */
  readonly realCalledReal: number;
  readonly fakesCalledReal: number;
  /** Pairs of a real and a generated image in which D gives the real one the higher probability: the area under the ROC curve. */
  readonly pairsRight: number;
}

/**
 * Measures D on real images [n, size, size, channels] and on the images of the seeds 0 to n - 1. If D receives labels [n, columns], image
 * i of both sides has those of real image i. Throws UserError for a package without a discriminator.
 */
export async function discriminatorFigures(
  opened: ModelPackage,
  real: HostTensor,
  labels: HostTensor | null = null,
): Promise<DiscriminatorFigures> {
  const { model } = opened;
  const [images, ...shape] = real.shape as [number, ...number[]];
  const length = shape.reduce((product, side) => product * side, 1);
  await using session = held(await openNativeSession(await opened.readFile('discriminator')));
  const name = labelsName(model.conditioning);
  const columns = labels?.shape[1] ?? 0;
  const rowOf = (i: number) => labels && (labels.data as Float32Array).slice(i * columns, (i + 1) * columns);
  const logitOf = async (data: Float32Array, i: number): Promise<number> => {
    const row = rowOf(i);
    const inputs = {
      images: { shape: [1, ...shape], dtype: 'float32', data } as const,
      ...(name !== null &&
        row !== null && { [name]: { shape: [1, columns], dtype: 'float32', data: row } as const }),
    };
    return (await session.run(inputs))['logits']!.data[0]!;
  };
  const logits = new Float32Array(2 * images);
  for (let i = 0; i < images; i++) {
    logits[i] = await logitOf((real.data as Float32Array).slice(i * length, (i + 1) * length), i);
  }
  const { dim, distribution } = model.latent;
  await using generator = held(await openPackageGenerator(opened));
  for (let seed = 0; seed < images; seed++) {
    const condition = name === null ? conditionFor(model, {}, [seed]) : rowOf(seed);
    const image = await generator.draw(latentFromSeed(seed, dim, distribution), condition);
    logits[images + seed] = await logitOf(image.data as Float32Array, seed);
  }
  const shareReal = (list: Float32Array): number => list.filter((logit) => logit >= 0).length / images;
  const isReal = Array.from(logits, (_, i) => i < images);
  return {
    images,
    realCalledReal: shareReal(logits.subarray(0, images)),
    fakesCalledReal: shareReal(logits.subarray(images)),
    pairsRight: areaUnderCurve(ranksOf(logits), isReal),
  };
}
