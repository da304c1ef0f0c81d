// Draws walks through latent space: all of them as rows of one strip, or side by side in the frames of one film.
import type { Wanted } from '../../../runtime-web/format/condition.ts';
import type { Latent, Path } from '../../../runtime-web/format/latents.ts';
import { filmLatents, stripRows } from './walks.ts';
import { drawLatents } from '../../model-package/draw-latents.ts';
import type { ModelPackage } from '../../model-package/read-package.ts';
import { emptyGrid, placeImages, type Grid } from '../../pictures/grid.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import type { Job } from '../../job.ts';

/** What to draw. */
export interface WalkPlan {
  readonly opened: ModelPackage;
  /** The seeds of each walk's stops, two at least. */
  readonly walks: readonly (readonly number[])[];
  /** Pictures from stop to stop, both included. */
  readonly steps: number;
  readonly path: Path;
  /** The class or codes of all pictures; without them, a walk has those of its first stop. */
  readonly wanted: Wanted;
}

/** A row of pictures for each stage of each walk, as in figure 4 of Radford 2016. */
export async function drawStrip(plan: WalkPlan, context: Job): Promise<Grid> {
  const { opened, walks, steps } = plan;
  const { imageSize, channels } = opened.model;
  const rows = walks.map((stops) => stripRows(opened.model, stops, plan).flat());
  const pictures = rows.reduce((sum, row) => sum + row.length, 0);
  const strip = emptyGrid([pictures, imageSize, imageSize, channels], steps);
  await draw('strip', plan, rows, context, (image, i) => placeImages(strip, image, i));
  return strip;
}

/** Frames with a picture of each walk side by side; walks are of as many stops each. */
export async function drawFilm(plan: WalkPlan, isClosed: boolean, context: Job): Promise<readonly Grid[]> {
  const { opened, walks } = plan;
  const { imageSize, channels } = opened.model;
  const columns = walks.map((stops) => filmLatents(opened.model, stops, plan, isClosed));
  const length = columns[0]!.length;
  const frames = Array.from({ length }, () =>
    emptyGrid([walks.length, imageSize, imageSize, channels], walks.length),
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
  const progress = context.progress('pictures');
  const latents = latentsOfWalks.flat();
  const turns = latentsOfWalks.flatMap((some, i) => some.map(() => walks[i]![0]!));
  let drawn = 0;
  try {
    for await (const image of drawLatents(opened, latents, context.signal, { ...wanted, turns })) {
      put(image, drawn++);
      progress.show(job, drawn, latents.length);
    }
  } finally {
    progress.close();
  }
}
