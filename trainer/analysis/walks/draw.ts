// Renders walks through latent space: as rows of one strip, or side by side in the frames of an animation.
import type { Wanted } from '../../../runtime-web/format/condition.ts';
import type { Latent, Path } from '../../../runtime-web/format/latents.ts';
import { filmLatents, stripRows } from './walks.ts';
import { drawLatents } from '../../model-package/draw-latents.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import { emptyGrid, placeImages, type Grid } from '../../pictures/grid.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import type { Job } from '../../job.ts';
import { held } from '../../held.ts';

/** Settings of the walks. */
export interface WalkPlan {
  readonly opened: ModelPackage;
  /** The seeds of each walk's keyframes, at least two. */
  readonly walks: readonly (readonly number[])[];
  /** Images from keyframe to keyframe, both included. */
  readonly steps: number;
  readonly path: Path;
  /** The class or codes of all images; by default, a walk has those of its first keyframe. */
  readonly wanted: Wanted;
}

/** A grid with a row of images for each stage of each walk, as in figure 4 of Radford 2016. */
export async function drawStrip(plan: WalkPlan, context: Job): Promise<Grid> {
  const { opened, walks, steps } = plan;
  const { width, height, channels } = opened.model;
  const rows = walks.map((keyframes) => stripRows(opened.model, keyframes, plan).flat());
  const pictures = rows.reduce((sum, row) => sum + row.length, 0);
  const strip = emptyGrid([pictures, height, width, channels], steps);
  await draw('strip', plan, rows, context, (image, i) => placeImages(strip, image, i));
  return strip;
}

/** Frames with an image of each walk side by side; all walks need the same number of keyframes. */
export async function drawFilm(plan: WalkPlan, isClosed: boolean, context: Job): Promise<readonly Grid[]> {
  const { opened, walks } = plan;
  const { width, height, channels } = opened.model;
  const columns = walks.map((keyframes) => filmLatents(opened.model, keyframes, plan, isClosed));
  const length = columns[0]!.length;
  const frames = Array.from({ length }, () =>
    emptyGrid([walks.length, height, width, channels], walks.length),
  );
  await draw('film', plan, columns, context, (image, i) =>
    placeImages(frames[i % length]!, image, Math.floor(i / length)),
  );
  return frames;
}

async function draw(
  job: string,
  { opened, walks, wanted }: WalkPlan,
  latentsOfWalks: readonly (readonly Latent[])[],
  context: Job,
  put: (image: HostTensor, i: number) => void,
): Promise<void> {
  await using progress = held(context.progress('pictures'));
  const latents = latentsOfWalks.flat();
  const conditionIndices = latentsOfWalks.flatMap((some, i) => some.map(() => walks[i]![0]!));
  let drawn = 0;
  for await (const image of drawLatents(opened, latents, context.signal, { ...wanted, conditionIndices })) {
    put(image, drawn++);
    progress.show(job, drawn, latents.length);
  }
}
