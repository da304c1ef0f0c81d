// The files of a model package of a training's generator.
import { lengthOf } from '../format/image-shape.ts';
import type { Model, ModelFile, ParityFigure } from '../format/model.ts';
import { formatVersion } from '../format/format-version.ts';
import { parseModel } from '../format/parse-model.ts';
import type { TrainablePackage } from '../format/training/trainable.ts';
import type { TrainingImages } from './images.ts';
import { pngOf } from './png.ts';
import type { Position } from './position.ts';
import { configText, straight } from './run-folder.ts';
import { sha256Of } from './sha256.ts';
import type { ZipEntry } from '../format/zip.ts';

/** Seeds of the compared images, and of the preview. */
export const packageSeeds = Array.from({ length: 16 }, (_, seed) => seed);
/** Upper limit of the difference between the file's images and the training's. */
const tolerance = 1e-4;

/** Parts of a package. */
export interface PackageContent {
  readonly opened: TrainablePackage;
  readonly images: TrainingImages;
  readonly config: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly position: Position;
  /** The training engine and its version. */
  readonly engine: string;
  readonly generator: Uint8Array<ArrayBuffer>;
  /** Images of {@link packageSeeds} by the training, [16, height, width, channels] in [-1, 1]. */
  readonly trained: Float32Array;
  /** The same by the generator's file, and the runtime that ran it. */
  readonly drawn: Float32Array;
  readonly runtime: string;
}

/** All files. Throws Error for a generator that draws other images than the training. */
export async function packageFiles(content: PackageContent): Promise<readonly ZipEntry[]> {
  const { opened, images, config, seed, position, engine, generator, trained, drawn, runtime } = content;
  const { width, height, channels, latent, conditioning, trainable } = opened;
  const maxDifference = trained.reduce((most, value, i) => Math.max(most, Math.abs(value - drawn[i]!)), 0);
  if (!(maxDifference < tolerance))
    throw new Error(
      `no package was made: generator.onnx draws other pictures than the training, by up to ${maxDifference} (expected less than ${tolerance})`,
    );
  const figure: ParityFigure = {
    role: 'generator',
    ...{ runtime, against: `training on ${engine}`, maxDifference, tolerance },
  };
  const preview = await previewOf(trained, opened);
  const model: Model = {
    formatVersion,
    name: `${images.name}-${trainable.method}`,
    ...{ width, height, channels, latent, conditioning },
    files: {
      generator: await described('generator.onnx', generator),
      preview: await described('preview.png', preview),
    },
    training: {
      method: trainable.method,
      dataset: {
        name: images.name,
        images: images.count,
        classes: conditioning?.kind === 'classes' ? conditioning.names : null,
      },
      images: position.images,
      steps: position.step,
      seconds: Number(position.secondsElapsed.toFixed(3)),
      seed,
      engine,
      configHash: await sha256Of(new TextEncoder().encode(configText(config))),
    },
    origin: null,
    parity: { seeds: packageSeeds, figures: [figure] },
    ...{ metrics: [], directions: [], steering: null, styles: null, trainable: null, calibration: null },
  };
  const text = `${JSON.stringify(model, null, 2)}\n`;
  parseModel(JSON.parse(text), 'model.json');
  return [
    { path: 'model.json', bytes: new TextEncoder().encode(text) },
    { path: 'generator.onnx', bytes: generator },
    { path: 'preview.png', bytes: preview },
  ];
}

async function described(file: string, bytes: Uint8Array): Promise<ModelFile> {
  return { file, bytes: bytes.length, sha256: await sha256Of(new Uint8Array(bytes)) };
}

/** A grid of 4 by 4 images. */
async function previewOf(images: Float32Array, shape: TrainablePackage): Promise<Uint8Array> {
  const { width, height, channels } = shape;
  const line = width * channels;
  const pixels = new Uint8Array(16 * lengthOf(shape));
  for (let i = 0; i < images.length; i++) {
    const [image, inside] = [Math.floor(i / (line * height)), i % (line * height)];
    const y = Math.floor(image / 4) * height + Math.floor(inside / line);
    const byte = Math.round((images[i]! + 1) * 127.5);
    pixels[y * 4 * line + (image % 4) * line + (inside % line)] = Math.min(255, Math.max(0, byte));
  }
  return pngOf(straight(pixels, channels), { width: 4 * width, height: 4 * height, channels });
}
