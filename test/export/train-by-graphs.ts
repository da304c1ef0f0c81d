// Training as a page would do it: a package's record and graphs, the format and ONNX Runtime, and nothing of the trainer.
import * as ort from 'onnxruntime-node';
import { lengthOf } from '../../runtime-web/format/image-shape.ts';
import { Random } from '../../runtime-web/format/random.ts';
import { AugmentationController } from '../../runtime-web/format/training/augmentation/controller.ts';
import { EpochOrders } from '../../runtime-web/format/training/batch-order.ts';
import { drawInputs, type RealBatch } from '../../runtime-web/format/training/draws.ts';
import { graphNames } from '../../runtime-web/format/training/graph-names.ts';
import { drawState } from '../../runtime-web/format/training/initial-state.ts';
import { scheduledAt } from '../../runtime-web/format/training/schedule.ts';
import { seedInputs } from '../../runtime-web/format/training/seed-inputs.ts';
import { runSeeds } from '../../runtime-web/format/training/seeds.ts';
import { Statistics, statisticsInputs } from '../../runtime-web/format/training/statistics.ts';
import { stepScalars } from '../../runtime-web/format/training/step-scalars.ts';
import type { FloatTensor, FloatTensors } from '../../runtime-web/format/training/tensors.ts';
import {
  isPhaseDue,
  type TrainablePackage,
  type TrainingRole,
} from '../../runtime-web/format/training/trainable.ts';

/** All images of the data, [count, h, w, c] in [-1, 1], in the trainer's order, with what conditions them. */
export interface PlainData {
  readonly count: number;
  readonly images: Float32Array;
  readonly labels: Int32Array | null;
  /** [count, columns] as the networks get them. */
  readonly condition: Float32Array | null;
}

/** Trains for `steps` steps of a run of that length; returns the outputs of each, the state, and images of seeds. */
export async function trainByGraphs(
  opened: TrainablePackage,
  readFile: (role: TrainingRole) => Promise<Uint8Array>,
  data: PlainData,
  steps: number,
) {
  const { trainable, conditioning } = opened;
  const { seed, schedule, batch, flip, phases } = trainable;
  const sessions = new Map<TrainingRole, Promise<ort.InferenceSession>>();
  const session = async (role: TrainingRole): Promise<ort.InferenceSession> => {
    const found =
      sessions.get(role) ??
      readFile(role).then((bytes) => ort.InferenceSession.create(bytes, { intraOpNumThreads: 2 }));
    sessions.set(role, found);
    return await found;
  };
  const { weightSeed, dataSeed, noiseSeed } = runSeeds({ seed });
  let state: FloatTensors = drawState(trainable.state, new Random(weightSeed));
  /** Runs a graph over the state; sets the entries that it returns, and resolves to its other outputs. */
  const run = async (role: TrainingRole, inputs: FloatTensors): Promise<Record<string, FloatTensor>> => {
    const graph = await session(role);
    const feeds = Object.fromEntries(
      graph.inputNames.map((name) => {
        const own = name.startsWith(graphNames.input(''))
          ? inputs[name.slice(graphNames.input('').length)]
          : state[name];
        if (own === undefined) throw new RangeError(`${role}: nothing for its input ${name}`);
        return [name, new ort.Tensor('float32', own.data, own.shape as number[])];
      }),
    );
    const results = await graph.run(feeds);
    const outputs: Record<string, FloatTensor> = {};
    const next: Record<string, FloatTensor> = {};
    for (const [name, tensor] of Object.entries(results)) {
      const value = { dtype: 'float32', shape: tensor.dims, data: tensor.data as Float32Array } as const;
      if (name.startsWith(graphNames.next(''))) next[name.slice(graphNames.next('').length)] = value;
      else outputs[name.slice(graphNames.output('').length)] = value;
    }
    state = { ...state, ...next };
    return outputs;
  };

  const orders = new EpochOrders(dataSeed);
  let position = orders.start(data.count);
  const length = lengthOf(opened);
  const nextBatch = (): RealBatch => {
    const { indices, isFlipped, after } = orders.batchAt(position, { batch, flip });
    position = after;
    const columns = data.condition === null ? 0 : data.condition.length / data.count;
    const images = new Float32Array(batch * length);
    const condition = data.condition && new Float32Array(batch * columns);
    indices.forEach((index, i) => {
      const image = data.images.slice(index * length, (index + 1) * length);
      images.set(isFlipped[i] ? mirrored(image, opened) : image, i * length);
      condition?.set(data.condition!.subarray(index * columns, (index + 1) * columns), i * columns);
    });
    return { images, labels: data.labels && indices.map((index) => data.labels![index]!), condition };
  };

  const random = new Random(noiseSeed);
  const controller = AugmentationController.of({
    augment: trainable.ada === null ? null : 'ada',
    augmentProbability: null,
    adaTarget: trainable.ada?.target ?? 0,
    adaImages: trainable.ada?.images ?? 1,
  });
  const lines: Record<string, number>[] = [];
  for (let stepNumber = 1; stepNumber <= steps; stepNumber++) {
    const shown = batch * schedule.criticSteps;
    const scheduled = scheduledAt(schedule, stepNumber, {
      done: (stepNumber - 1) / steps,
      images: (stepNumber - 1) * shown,
    });
    let outputs: Record<string, FloatTensor> = {};
    for (const phase of phases.filter((each) => isPhaseDue(each, stepNumber))) {
      for (let i = 0; i < phase.times; i++) {
        const updateOfD = phase.updates === 'both' ? schedule.criticSteps - 1 : i;
        const inputs = drawInputs(phase.draws, {
          ...{ random, conditioning, stepNumber, real: nextBatch(), shape: opened },
          scalars: stepScalars(schedule, { update: stepNumber, updateOfD }, scheduled),
          probability: controller?.probability ?? 0,
        });
        outputs = await run(phase.file, inputs);
      }
    }
    lines.push(
      Object.fromEntries(
        Object.entries(outputs).map(
          ([
            name,
            {
              data: [value],
            },
          ]) => [name, value!],
        ),
      ),
    );
    controller?.addStep(outputs['dSign']!.data[0]!, shown);
  }
  if (trainable.statistics !== null) {
    const sums = new Statistics(trainable.statistics);
    for (const inputs of statisticsInputs(opened, trainable.statistics))
      sums.add(await run('statistics', inputs));
    state = { ...state, ...sums.all };
  }
  const sample = async (seeds: readonly number[]): Promise<Float32Array> =>
    (await run('sample', seedInputs(opened, seeds)))['images']!.data;
  return { lines, state, sample };
}

function mirrored(image: Float32Array, { width, height, channels }: TrainablePackage): Float32Array {
  const other = new Float32Array(image.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < channels; c++)
        other[(y * width + x) * channels + c] = image[(y * width + width - 1 - x) * channels + c]!;
  return other;
}
