// The generator's files: in float32, and with weights in half precision. Every package has the first one; the other parts are
// compared with its images.
import { rm } from 'node:fs/promises';
import { packageFiles } from '../../../runtime-web/format/package-files.ts';
import { ExportError } from '../../model-package/export-error.ts';
import { gateGenerator, gateHalf, type Drawing, type Tolerances } from '../gates/parity-gate.ts';
import { encodeGenerator } from '../onnx-generator.ts';
import type { GeneratedImages, PartContext, PartResult } from './part.ts';
import { held } from '../../held.ts';

/**
 * Writes `generator.onnx` and compares it with the checkpoint, then `generator.fp16.onnx` and compares it with the first. A
 * half-precision file that differs is removed with a warning. Throws ExportError if the first file differs.
 */
export async function writeGenerator(context: PartContext): Promise<PartResult & GeneratedImages> {
  const { generator, latents, name, metadata } = context;
  const { latentDim, conditioning } = latents;
  const options = { name, latentDim, conditioning, metadata };
  const reference = await drawReference(context);
  return await writeGeneratorFiles({
    ...context,
    encode: (isHalf) => encodeGenerator(generator, { ...options, isHalf }),
    reference,
    source: 'the checkpoint',
  });
}

/** A generator to write, and the images that its files must generate. */
export interface GeneratorFiles extends Pick<
  PartContext,
  'latents' | 'signal' | 'write' | 'onProgress' | 'onWarning'
> {
  /** The bytes of the file, with weights in float32 or in half precision. */
  readonly encode: (isHalf: boolean) => Uint8Array;
  /** The images of the latents. */
  readonly reference: Drawing;
  readonly tolerances: Tolerances;
  /** The reference's source, for messages. */
  readonly source: string;
}

/** Writes and compares both files as {@link writeGenerator} does. */
export async function writeGeneratorFiles(files: GeneratorFiles): Promise<PartResult & GeneratedImages> {
  const { encode, reference, source, latents, tolerances, signal, write, onProgress, onWarning } = files;
  const { generator: whole, generatorFp16: halved } = packageFiles;
  const gate = { latents, tolerances, signal };

  const file = await write('generator', encode(false));
  signal.throwIfAborted();
  const count = reference.images.shape[0]!;
  onProgress(`comparing ${whole.file} with ${source} on ${count} seeds`);
  const full = await gateGenerator(reference, { ...gate, file });

  const halfFile = await write('generatorFp16', encode(true));
  onProgress(`comparing ${halved.file} with ${whole.file}`);
  try {
    const half = await gateHalf(full, { ...gate, role: 'generatorFp16', file: halfFile });
    return { reference, full, figures: [...full.figures, ...half.figures] };
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    onWarning(`${halved.file} is left out of the model: ${error.message}`);
    await rm(halfFile);
    return { reference, full, figures: full.figures };
  }
}

/** The images of the unfolded generator on the training engine, straight from the state. */
async function drawReference({ engine, plan, latents: { inputs } }: PartContext): Promise<Drawing> {
  await using draw = held(await engine.compile(plan.sample, plan.sampleInputs(inputs['z']!.shape[0]!)));
  const { images } = await draw.run(inputs);
  if (images === undefined) throw new RangeError('the plan drew no images');
  return { role: 'generator', runtime: `checkpoint on ${engine.name}`, images };
}
