// The files of a run folder, with which `dcgan train --resume` goes on.
import type { TrainablePackage } from '../format/training/trainable.ts';
import { straightByte } from '../format/straight-byte.ts';
import { isBuiltIn } from './built-in.ts';
import type { TrainingImages } from './images.ts';
import { pngOf } from './png.ts';
import { shareDone, type Position, type RunLength } from './position.ts';
import type { ZipEntry } from '../format/zip.ts';

/** The folder of the pictures in a run's folder. */
const picturesFolder = 'pictures';

/** True if a run folder can hold the images: attributes and numbers are columns of a file of their own, which it lacks. */
export function canHold(images: TrainingImages): boolean {
  return images.row === null && !isBuiltIn(images);
}

/**
 * The configuration of a run folder: its data are the trainer's own or the folder's pictures, and a run that is complete gets twice its
 * length, so that it can go on.
 */
export function runConfig(
  config: Readonly<Record<string, unknown>>,
  position: Position,
  images: TrainingImages,
): Record<string, unknown> {
  const length = config as unknown as RunLength;
  const isComplete = shareDone(length, position) >= 1;
  const done = { steps: position.step, images: position.images, minutes: position.secondsElapsed / 60 };
  const key = (['steps', 'images', 'minutes'] as const).find((each) => length[each] !== null);
  return {
    ...config,
    data: isBuiltIn(images) ? 'avatars' : picturesFolder,
    ...(isComplete && key !== undefined && { [key]: Math.ceil(2 * done[key]) }),
  };
}

/** All files, below a folder with the name of the run. */
export async function runFiles(
  opened: TrainablePackage,
  {
    images,
    config,
    step,
    checkpoint,
    hasPictures,
  }: {
    readonly images: TrainingImages;
    /** Result of {@link runConfig}. */
    readonly config: Readonly<Record<string, unknown>>;
    readonly step: number;
    readonly checkpoint: Uint8Array;
    readonly hasPictures: boolean;
  },
): Promise<readonly ZipEntry[]> {
  const root = `00001-${images.name}-${opened.trainable.method}`;
  const text = (value: string): Uint8Array => new TextEncoder().encode(value);
  const name = `step-${String(step).padStart(6, '0')}.safetensors`;
  return [
    { path: `${root}/config.json`, bytes: text(configText(config)) },
    { path: `${root}/checkpoints/${name}`, bytes: checkpoint },
    ...(hasPictures ? await pictureFiles(`${root}/${picturesFolder}`, images, opened) : []),
  ];
}

/** The content of `config.json`. */
export function configText(config: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(config, null, 2)}\n`;
}

/** The pictures in their order, in folders of their classes. */
async function pictureFiles(
  folder: string,
  images: TrainingImages,
  opened: TrainablePackage,
): Promise<readonly ZipEntry[]> {
  const { conditioning } = opened;
  const files: ZipEntry[] = [];
  for (let index = 0; index < images.count; index++) {
    const name = `${String(index).padStart(6, '0')}.png`;
    const place =
      conditioning?.kind === 'classes' ? `${conditioning.names[images.labels![index]!]!}/${name}` : name;
    files.push({
      path: `${folder}/${place}`,
      bytes: await pngOf(straight(images.image(index) as Uint8Array, opened.channels), opened),
    });
  }
  return files;
}

/** Premultiplied pixels as straight ones; the same for images without alpha. */
export function straight(pixels: Uint8Array, channels: number): Uint8Array {
  if (channels !== 4) return pixels;
  return pixels.map((byte, i) => {
    if (i % 4 === 3) return byte;
    return straightByte(byte / 127.5 - 1, pixels[i - (i % 4) + 3]! / 127.5 - 1);
  });
}
