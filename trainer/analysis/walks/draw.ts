// Renders walks through latent space: as rows of one strip, or side by side in the frames of an animation. Walks of different classes have
// the names of these beside the rows or above the columns.
import type { Wanted } from '../../../runtime-web/format/condition.ts';
import type { ImageSize } from '../../../runtime-web/format/image-shape.ts';
import type { Latent, Path } from '../../../runtime-web/format/latents.ts';
import { filmLatents, stripRows } from './walks.ts';
import { enlarged, type Enlargement } from '../../data/enlarge.ts';
import { drawLatents } from '../../model-package/draw-latents.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import { classRows, picturesOf } from '../../pictures/class-columns.ts';
import { emptyFilm, placeFrame, type Film } from '../../pictures/film.ts';
import { emptyGrid, placeImages, type Grid } from '../../pictures/grid.ts';
import { paintSheet } from '../../pictures/sheet.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import type { Job } from '../../job.ts';
import { held } from '../../held.ts';

/** Settings of the walks. */
export interface WalkPlan {
  readonly opened: ModelPackage;
  /** The seeds of each walk's keyframes, at least two. */
  readonly walks: readonly (readonly number[])[];
  /** The conditioning index of all images of each walk. */
  readonly conditionIndices: readonly number[];
  /** Images from keyframe to keyframe, both included. */
  readonly steps: number;
  readonly path: Path;
  /** The class or codes of all images; by default, they follow from the conditioning index. */
  readonly wanted: Wanted;
  readonly enlargement: Enlargement;
  /** A caption for each walk; null for none. */
  readonly captions: readonly string[] | null;
}

/** A grid with a row of images for each stage of each walk, as in figure 4 of Radford 2016. */
export async function drawStrip(plan: WalkPlan, context: Job): Promise<Grid> {
  const { opened, walks, steps, captions } = plan;
  const stages = walks.map((keyframes) => stripRows(opened.model, keyframes, plan));
  const latents = stages.flatMap((rows, walk) => rows.flat().map((latent) => ({ walk, latent })));
  const { width, height } = enlargedSize(plan);
  const strip = emptyGrid(
    [captions === null ? latents.length : 0, height, width, opened.model.channels],
    steps,
  );
  const images: HostTensor[] = [];
  await draw('strip', plan, latents, context, (image, i) => {
    if (captions === null) placeImages(strip, image, i);
    else images.push(image);
  });
  if (captions === null) return strip;
  const captionOfRow = stages.flatMap((rows, walk) => rows.map(() => captions[walk]!));
  return paintSheet(
    captionOfRow.map((label, row) => ({
      label,
      groups: [images.slice(row * steps, (row + 1) * steps).flatMap(picturesOf)],
    })),
    1,
  );
}

/** The size of a film's frame. */
export function frameSize(plan: WalkPlan): ImageSize {
  const { width, height } = enlargedSize(plan);
  const { channels } = plan.opened.model;
  const shape = [1, height, width, channels];
  const blank = { shape, dtype: 'float32', data: new Float32Array(width * height * channels) } as const;
  return frameOf(
    plan.walks.map(() => blank),
    plan.captions,
  );
}

/** Frames with an image of each walk side by side; all walks need the same number of keyframes. */
export async function drawFilm(plan: WalkPlan, isClosed: boolean, context: Job): Promise<Film> {
  const { opened, walks, captions } = plan;
  const columns = walks.map((keyframes) => filmLatents(opened.model, keyframes, plan, isClosed));
  const latents = columns[0]!.flatMap((_, frame) =>
    columns.map((column, walk) => ({ walk, latent: column[frame]! })),
  );
  let film: Film | null = null;
  let images: HostTensor[] = [];
  await draw('film', plan, latents, context, (image, i) => {
    images.push(image);
    if (images.length < walks.length) return;
    const frame = frameOf(images, captions);
    film ??= emptyFilm(frame, columns[0]!.length);
    placeFrame(film, frame, Math.floor(i / walks.length));
    images = [];
  });
  return film!;
}

/** Images side by side, below their captions. */
function frameOf(images: readonly HostTensor[], captions: readonly string[] | null): Grid {
  if (captions !== null) return paintSheet(classRows(images.flatMap(picturesOf), captions), 1);
  const frame = emptyGrid([images.length, ...images[0]!.shape.slice(1)], images.length);
  for (const [i, image] of images.entries()) placeImages(frame, image, i);
  return frame;
}

function enlargedSize({ opened: { model }, enlargement: { scale } }: WalkPlan): ImageSize {
  return { width: model.width * scale, height: model.height * scale };
}

async function draw(
  job: string,
  { opened, wanted, conditionIndices, enlargement }: WalkPlan,
  latents: readonly { readonly walk: number; readonly latent: Latent }[],
  context: Job,
  put: (image: HostTensor, i: number) => void,
): Promise<void> {
  await using progress = held(context.progress('pictures'));
  const options = { ...wanted, conditionIndices: latents.map(({ walk }) => conditionIndices[walk]!) };
  const given = latents.map(({ latent }) => latent);
  let drawn = 0;
  for await (const image of drawLatents(opened, given, context.signal, options)) {
    put(enlarged(image, enlargement), drawn++);
    progress.show(job, drawn, latents.length);
  }
}
