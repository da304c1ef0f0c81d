// Measures steering: images of seeds before and after, and the fraction of images to which an attribute can be added.
import { lengthOf } from '../../runtime-web/format/image-shape.ts';
import { imageShape } from '../config/image-size.ts';
import { latentFromSeed, Random } from '../../runtime-web/format/random.ts';
import type { AttributeClassifier, AttributePredictor } from '../analysis/attributes/attribute-classifier.ts';
import { effectOf, isOn } from '../analysis/attributes/attribute-effect.ts';
import { directionName } from '../analysis/directions/directions.ts';
import type { Picture } from '../pictures/sheet.ts';
import type { TrainedRun } from '../run/trained-run.ts';
import type { Steering, SteerRequest } from './steer-latents.ts';

/** Fraction of images that were steered successfully, and of the other attributes' predictions that changed; NaN without images. */
interface SteeringEffect {
  readonly success: number;
  readonly othersMoved: number;
}

/** Success of adding (or removing) one attribute. */
export interface SteeringTrial {
  readonly attribute: string;
  /** Number of images that were steered. */
  readonly pictures: number;
  /** With the penalty on other attributes. */
  readonly held: SteeringEffect;
  /** Without it. */
  readonly free: SteeringEffect;
}

/** A run, the classifier that steers its latents, the second classifier that measures, and the settings. */
export interface Steerer {
  readonly run: TrainedRun;
  readonly steering: Steering;
  readonly classifier: AttributeClassifier;
  readonly evaluator: AttributePredictor;
  readonly settings: Pick<SteerRequest, 'sign' | 'steps' | 'rate' | 'hold' | 'signal'>;
}

/** Images of the seeds before steering, after, and after with `hold` 0. */
export async function steerSeeds(
  { run, steering, settings }: Steerer,
  attribute: number,
  seeds: readonly number[],
): Promise<readonly (readonly Picture[])[]> {
  const { latent, latentDistribution } = run.config;
  const shape = imageShape(run.config);
  const z = new Float32Array(seeds.length * latent);
  seeds.forEach((seed, i) => z.set(latentFromSeed(seed, latent, latentDistribution), i * latent));
  const request = { ...settings, z, count: seeds.length, attribute };
  const held = await steering.steer(request);
  const free = await steering.steer({ ...request, hold: 0 });
  const length = lengthOf(shape);
  const pictures = (images: Float32Array): Picture[] =>
    seeds.map((_, i) => ({ ...shape, data: images.slice(i * length, (i + 1) * length) }));
  return [pictures(held.before.images), pictures(held.after.images), pictures(free.after.images)];
}

/**
 * Steers at most `count` generated images that lack the attribute by the second classifier (or have it, with sign -1), and measures
 * with that classifier.
 */
export async function tryAttribute(
  { run, steering, evaluator, settings }: Steerer,
  attribute: number,
  count: number,
  seed: number,
): Promise<SteeringTrial> {
  const { latent, latentDistribution } = run.config;
  const random = new Random(seed + 7);
  const { attributes } = evaluator;
  const chosen: Float32Array[] = [];
  const size = 256;
  // With 0 steps `steer` only generates images.
  for (let tries = 0; chosen.length < count && tries < 40; tries++) {
    const z = random.fillLatent(new Float32Array(size * latent), latentDistribution);
    const drawn = await steering.steer({ ...settings, z, count: size, attribute, steps: 0 });
    const predictions = await evaluator.predict(drawn.before.images, size);
    for (let i = 0; i < size && chosen.length < count; i++) {
      if (isOn(predictions, attributes, i, attribute) !== settings.sign > 0)
        chosen.push(z.slice(i * latent, (i + 1) * latent));
    }
  }
  const name = directionName(attributes[attribute]!.name);
  const none = { success: NaN, othersMoved: NaN };
  if (chosen.length === 0) return { attribute: name, pictures: 0, held: none, free: none };
  const z = new Float32Array(chosen.length * latent);
  chosen.forEach((each, i) => z.set(each, i * latent));
  const effect = async (hold: number) => {
    const { before, after } = await steering.steer({ ...settings, hold, z, count: chosen.length, attribute });
    const [first, last] = [
      await evaluator.predict(before.images, chosen.length),
      await evaluator.predict(after.images, chosen.length),
    ];
    const { success, othersMoved } = effectOf(first, last, attributes, attribute);
    return { success: settings.sign > 0 ? success : 1 - success, othersMoved };
  };
  return {
    attribute: name,
    pictures: chosen.length,
    held: await effect(settings.hold),
    free: await effect(0),
  };
}
