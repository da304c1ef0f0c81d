// Samples of a run's generator as image files would hold them.
import type { Engine, NamedTensors } from '../engine/engine.ts';
import { held } from '../held.ts';
import { toBytes } from '../pictures/pixels.ts';
import type { TrainedRun } from '../run/trained-run.ts';
import { joinCondition } from '../training/conditioning.ts';
import { modelOf } from '../training/plan.ts';
import { conditionAmong } from '../../runtime-web/format/condition.ts';
import { seedInputs } from '../../runtime-web/format/training/seed-inputs.ts';

const batch = 20;

/**
 * Bytes [count, height, width, channels] of the images of seeds `first` and on; conditions follow from the seeds, as `sample` has them. The
 * engine's state is lost. Throws the signal's reason when aborted.
 */
export async function sampleImages(
  engine: Engine,
  { config, conditioning, generator }: Pick<TrainedRun, 'config' | 'conditioning' | 'generator'>,
  {
    first,
    count,
    signal,
    onProgress,
  }: {
    readonly first: number;
    readonly count: number;
    readonly signal: AbortSignal;
    readonly onProgress: (done: number) => void;
  },
): Promise<Uint8Array> {
  const inputsFrom = (start: number): ReturnType<typeof seedInputs> =>
    seedInputs(
      modelOf(config, conditioning),
      Array.from({ length: batch }, (_, i) => start + i),
    );
  const draw = (state: NamedTensors, inputs: NamedTensors) => ({
    outputs: {
      images: generator.generate(state, joinCondition(inputs['z']!, conditionAmong(inputs))),
    },
  });
  await engine.writeState(generator.parameters);
  await using compiled = held(await engine.compile(draw, inputsFrom(first)));
  let all: Uint8Array | null = null;
  for (let done = 0; done < count; done += batch) {
    signal.throwIfAborted();
    const { images } = await compiled.run(inputsFrom(first + done));
    const bytes = toBytes(images!.data as Float32Array);
    const length = bytes.length / batch;
    all ??= new Uint8Array(count * length);
    all.set(bytes.subarray(0, Math.min(batch, count - done) * length), done * length);
    onProgress(Math.min(count, done + batch));
  }
  return all ?? new Uint8Array();
}
