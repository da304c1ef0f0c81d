// The files that leave a page, as zips: a run folder for the trainer, and a model package.
import { conditionName } from '../../format/condition.ts';
import { seedInputs } from '../../format/training/seed-inputs.ts';
import type { TrainablePackage } from '../../format/training/trainable.ts';
import { encodeCheckpoint, type CheckpointOrigin } from '../../training/checkpoint.ts';
import { generatorFile } from '../../training/generator-file.ts';
import { packageFiles, packageSeeds } from '../../training/package-folder.ts';
import { canHold, runConfig, runFiles } from '../../training/run-folder.ts';
import { sha256Of } from '../../training/sha256.ts';
import { zipOf } from '../../format/zip.ts';
import type { OrtModule } from '../onnx.ts';
import type { Parts } from './parts.ts';

/** A training, and what its checkpoints say of their making. */
export interface Leaving extends Pick<Parts, 'loop' | 'sampleFile' | 'runtime' | 'report'> {
  readonly origin: CheckpointOrigin;
}

/** A zip of a run folder. */
export async function runZip(
  { loop, origin }: Leaving,
  hasPictures: boolean,
): Promise<Uint8Array<ArrayBuffer>> {
  await loop.measure(true);
  const { images, opened, position } = loop;
  const config = runConfig(loop.config, position, images);
  const checkpoint = await encodeCheckpoint(
    { state: await loop.state(), position, config },
    origin,
    sha256Of,
  );
  const content = { images, config, checkpoint, step: position.step };
  return zipOf(await runFiles(opened, { ...content, hasPictures: hasPictures && canHold(images) }));
}

/** A zip of a model package. Throws Error if its generator draws other images than the training. */
export async function packageZip({
  loop,
  sampleFile,
  runtime,
  report,
}: Leaving): Promise<Uint8Array<ArrayBuffer>> {
  const { opened, images, config, seed, position } = loop;
  const trained = await loop.sample(packageSeeds, { isExact: true });
  const generator = generatorFile(sampleFile, await loop.state());
  const drawn = await draw(runtime, generator, opened);
  const version = runtime.env.versions.web ?? 'of an unknown version';
  return zipOf(
    await packageFiles({
      ...{ opened, images, config, seed, position, generator, trained, drawn },
      engine: `${report.name} on onnxruntime-web ${version}`,
      runtime: `onnxruntime-web ${version} wasm`,
    }),
  );
}

/** Images of the compared seeds by a generator's file, on WebAssembly. */
async function draw(
  runtime: OrtModule,
  generator: Uint8Array,
  opened: TrainablePackage,
): Promise<Float32Array> {
  const session = await runtime.InferenceSession.create(generator, {
    executionProviders: ['wasm'],
    logSeverityLevel: 3,
  });
  try {
    const inputs = seedInputs(opened, packageSeeds);
    const names = ['z', ...(opened.conditioning === null ? [] : [conditionName(opened.conditioning)])];
    const feeds = names.map((name) => {
      const { data, shape } = inputs[name]!;
      return [name, new runtime.Tensor('float32', data, shape)] as const;
    });
    const { images } = await session.run(Object.fromEntries(feeds));
    return (await images!.getData()) as Float32Array;
  } finally {
    await session.release();
  }
}
