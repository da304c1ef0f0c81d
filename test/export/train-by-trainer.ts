// The same training by the trainer: its plan on its engine, with its source of batches, as the training loop runs them.
import { Random } from '../../runtime-web/format/random.ts';
import { AugmentationController } from '../../runtime-web/format/training/augmentation/controller.ts';
import { scheduledAt } from '../../runtime-web/format/training/schedule.ts';
import { runSeeds } from '../../runtime-web/format/training/seeds.ts';
import type { Conditioning } from '../../runtime-web/format/model.ts';
import { imagesPerStep } from '../../trainer/config/config.ts';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import { BatchSampler } from '../../trainer/data/batch-sampler.ts';
import type { Dataset } from '../../trainer/data/dataset.ts';
import { OnnxEngine } from '../../trainer/engine/onnx-engine.ts';
import { held } from '../../trainer/held.ts';
import { metricNames } from '../../trainer/run/gather.ts';
import { openPlan } from '../../trainer/run/open-plan.ts';
import { planTraining } from '../../trainer/training/plan.ts';

/** Trains for the configured steps; `block` is the engine's number of channels in a block (null: none). */
export async function trainByTrainer(
  config: TrainConfig,
  conditioning: Conditioning,
  dataset: Dataset,
  condition: ConstructorParameters<typeof BatchSampler>[1]['condition'],
  block: number | null = null,
) {
  await using engine = held(
    new OnnxEngine({ name: 'onnx-cpu', provider: 'cpu', threads: 2, device: 'test', block }),
  );
  const { weightSeed, dataSeed, noiseSeed } = runSeeds(config);
  const state = planTraining(config, conditioning).initialState(new Random(weightSeed));
  const open = await openPlan({ config, conditioning, engine, state });
  const batches = new BatchSampler(dataset, { ...config, seed: dataSeed, condition });
  const random = new Random(noiseSeed);
  const controller = AugmentationController.of(config);
  const fetch = [...metricNames, ...(controller ? ['dSign'] : [])];
  const lines: Record<string, number>[] = [];
  const shown = imagesPerStep(config);
  for (let stepNumber = 1; stepNumber <= config.steps!; stepNumber++) {
    const done = (stepNumber - 1) / config.steps!;
    const outputs = await open.train({
      ...{ random, batches, stepNumber, fetch },
      scheduled: scheduledAt(config, stepNumber, { done, images: (stepNumber - 1) * shown }),
      ...(controller && { probability: controller.probability }),
    });
    controller?.addStep(outputs['dSign']!.data[0]!, shown);
    lines.push(Object.fromEntries(metricNames.map((name) => [name, outputs[name]!.data[0]!])));
  }
  await open.refreshStatistics();
  const { data: images } = await open.drawSamples();
  const result = { lines, state: await open.readState(), images: images as Float32Array };
  await batches.close();
  await open.dispose();
  return result;
}
