// A classifier's predictions for the means of a sum's terms and for the sum.
import { meanLatent } from '../../../runtime-web/format/latents.ts';
import { latentFromSeed } from '../../../runtime-web/format/random.ts';
import { predictLatents } from '../attributes/predict-latents.ts';
import { openPackageGenerator } from '../../model-package/draw-latents.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import type { ClassifierOptions } from './by-attribute.ts';
import { openLabelled } from '../attributes/open-labelled.ts';
import { trainClassifiers } from '../attributes/classifiers.ts';
import type { Job } from '../../job.ts';
import { sumLatents, type SumPlan } from './draw.ts';
import { held } from '../../held.ts';

/** Predictions for the images of a sum. */
export interface SumPredictions {
  /**
   * The means in the order of the terms, then the sum. `sees` lists the binary attributes with a probability above 0.5.
   * `verdicts` has all predictions by name: probabilities, or values in [-1, 1] of continuous attributes.
   */
  readonly pictures: readonly {
    readonly name: string;
    readonly sees: readonly string[];
    readonly verdicts: Readonly<Record<string, number>>;
  }[];
  /** Accuracy on held-out images; for a continuous attribute, correlation with the truth. */
  readonly classifierQuality: Readonly<Record<string, number>>;
}

/** Trains a classifier and predicts. Throws UserError for data without attributes. */
export async function predictSum(
  opened: ModelPackage,
  plan: SumPlan,
  options: ClassifierOptions,
  say: (line: string) => void,
  context: Job,
): Promise<SumPredictions> {
  const { signal } = context;
  const { dim, distribution } = opened.model.latent;
  await using dataset = held(await openLabelled(opened, options, context));
  await using progress = held(context.progress('updates'));
  await using generator = held(await openPackageGenerator(opened));
  await using classifiers = held(
    await trainClassifiers({ dataset, ...options, hasSecond: false, say, progress }, context),
  );
  const { classifier } = classifiers;
  const means = plan.terms.map(({ seeds }) =>
    meanLatent(seeds.map((seed) => latentFromSeed(seed, dim, distribution))),
  );
  const latents = new Float32Array((means.length + 1) * dim);
  [...means, sumLatents(opened, plan)[4]!].forEach((latent, i) => latents.set(latent, i * dim));
  const predictions = await predictLatents({ generator, classifier, latents, dim, signal });
  const { attributes, quality } = classifier;
  const names = [
    ...plan.terms.map(({ sign, seeds }) => `${sign > 0 ? '+' : '−'} mean(${seeds.join(', ')})`),
    'the sum',
  ];
  return {
    pictures: names.map((name, i) => {
      const row = attributes.map((attribute, a) => ({
        attribute,
        prediction: predictions[i * attributes.length + a]!,
      }));
      return {
        name,
        sees: row
          .filter(({ attribute, prediction }) => attribute.kind === 'binary' && prediction > 0.5)
          .map(({ attribute }) => attribute.name),
        verdicts: Object.fromEntries(
          row.map(({ attribute, prediction }) => [attribute.name, Number(prediction.toFixed(4))]),
        ),
      };
    }),
    classifierQuality: quality,
  };
}
