// One cell of the comparison: a set, a recipe and a seed. It is trained, measured at each point of time, and written as one file when
// it is whole; a cell without that file starts again.
import { mkdirSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../../trainer/errors.ts';
import { writeFileAtomically } from '../../../trainer/files/atomic-file.ts';
import type { FeatureNetwork } from '../../../trainer/metrics/feature-network.ts';
import type { ImageSet } from '../../../trainer/metrics/image-set.ts';
import { measureSets } from '../../../trainer/metrics/measure-sets.ts';
import { layGrid, writeMarkedGrid } from '../../../trainer/pictures/grid.ts';
import { toFloats } from '../../../trainer/pictures/pixels.ts';
import { minDiversity } from '../../../runtime-web/format/training/collapse.ts';
import { relativeDiversity } from '../../../runtime-web/format/training/diversity.ts';
import { held } from '../../../trainer/held.ts';
import type { HostTensor } from '../../../trainer/graph/trace/graph.ts';
import { busyFraction, type Load } from './load.ts';
import type { OpenSet } from './open-set.ts';
import { noPytorch, type Rate } from './rates.ts';
import type { Recipe } from './table.ts';
import { trainOwn } from './train-own.ts';
import { trainPeer } from './train-peer.ts';
import type { Settings, Trained } from './trained.ts';

/** The measured figures of one network; null where there are too few images for it. */
export interface Figures {
  readonly frechet: number | null;
  readonly kid: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  /** Images of each side. */
  readonly count: number;
}

/** A network's name in the cells. */
export type NetworkName = 'squeezenet' | 'embedded';

/** A measured point of time. */
export interface MeasuredPoint {
  readonly seconds: number;
  readonly images: number;
  /** Diversity of 64 images divided by that of 64 real ones. */
  readonly diversity: number;
  readonly figures: FiguresByNetwork;
}

/** Figures of each network that measures. */
export type FiguresByNetwork = Readonly<Partial<Record<NetworkName, Figures>>>;

/** The file of a cell. */
export interface CellResult {
  readonly set: string;
  readonly recipe: string;
  readonly kind: Recipe['kind'];
  readonly seed: number;
  readonly about: string;
  /** The images that it was trained on, and those that it is measured against. */
  readonly images: string;
  readonly reference: string;
  readonly settings: Settings;
  /** All on the same number of images, `pointCount` of the settings, so that they are comparable with each other. */
  readonly points: readonly MeasuredPoint[];
  /** The figures of the last point once more, on `count` images. */
  readonly end: FiguresByNetwork;
  readonly imagesPerSecond: number;
  /** Why the model counts as collapsed, or the training ended early; null if neither. */
  readonly collapse: string | null;
  /** The load during the training or, by rate, while the rate was measured. */
  readonly load: Load;
  readonly facts: Readonly<Record<string, unknown>>;
  /** Seconds of the whole cell, measuring included. */
  readonly totalSeconds: number;
  readonly finishedAt: string;
}

/** A cell to do. */
export interface CellJob {
  readonly set: OpenSet;
  readonly name: string;
  readonly recipe: Recipe;
  readonly seed: number;
  readonly settings: Settings;
  /** Threads of the training. */
  readonly threads: number;
  /** Null to train by the clock. */
  readonly rate: Rate | null;
  readonly networks: Readonly<Partial<Record<NetworkName, FeatureNetwork>>>;
  readonly python: string | null;
  readonly folder: string;
  readonly signal: AbortSignal;
  readonly onProgress: (job: string, seconds: number) => void;
}

/** File of a cell's result, and the grid of its last images. */
export const cellFile = 'cell.json';
export const samplesFile = 'samples.png';
/** Number of images in that grid, and of those for the diversity. */
const gridImages = 64;

/** Does the cell. Throws Error if it cannot be trained or measured, the signal's reason when aborted. */
export async function runCell(job: CellJob): Promise<CellResult> {
  const { set, name, recipe, seed, settings, threads, rate, python, folder, signal, onProgress } = job;
  const begun = Date.now();
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (recipe.kind === 'peer') await set.rawImages();
  const busyBefore = await busyFraction(signal);
  const load = { busyBefore, before: loadavg()[0]!, most: loadavg()[0]!, after: 0 };
  const training = {
    ...{ set, settings, seed, threads, folder, signal, rate: rate && rate.imagesPerSecond },
    onProgress: (seconds: number) => {
      load.most = Math.max(load.most, loadavg()[0]!);
      onProgress('trained', seconds);
    },
  };
  const trained = await train(recipe, python, training);
  load.after = loadavg()[0]!;
  const { points, end, last } = await measure(job, trained);
  await writeMarkedGrid(join(folder, samplesFile), layGrid(last));
  await trained.clean();
  const { diversity } = points.at(-1)!;
  const result: CellResult = {
    ...{ set: set.name, recipe: name, kind: recipe.kind, seed, about: recipe.about },
    ...{
      images: set.title,
      reference: set.referenceText,
      settings,
      points,
      end,
      imagesPerSecond: trained.imagesPerSecond,
    },
    collapse:
      trained.failure ??
      // Not a number for images that are not finite.
      (!(diversity >= minDiversity)
        ? `diversity of the last images: ${diversity.toFixed(2)} of the real ones'`
        : null),
    ...{ load: rate?.load ?? load, facts: trained.facts },
    totalSeconds: (Date.now() - begun) / 1000,
    finishedAt: new Date().toISOString(),
  };
  await writeFileAtomically(join(folder, cellFile), `${JSON.stringify(result, null, 2)}\n`);
  return result;
}

function train(recipe: Recipe, python: string | null, job: Parameters<typeof trainOwn>[1]): Promise<Trained> {
  if (recipe.kind === 'own') return trainOwn(recipe, job);
  if (python !== null) return trainPeer(recipe, python, job);
  throw new Error(noPytorch);
}

/** Measures all points; resolves to them with the last images [64, size, size, channels]. */
async function measure(
  job: CellJob,
  trained: Trained,
): Promise<Pick<CellResult, 'points' | 'end'> & { readonly last: HostTensor }> {
  const { set, settings, signal, onProgress } = job;
  const real = await firstImages(set.reference, set);
  const points: MeasuredPoint[] = [];
  let [end, last]: [FiguresByNetwork, HostTensor] = [{}, real];
  for (const [i, { seconds, images, open }] of trained.points.entries()) {
    signal.throwIfAborted();
    onProgress('measuring the point at', seconds);
    await using made = held(await open());
    last = await firstImages(made, set);
    const figures = await figuresOf(job, made, settings.pointCount);
    points.push({ seconds, images, diversity: relativeDiversity(last, real), figures });
    if (i === trained.points.length - 1) end = await figuresOf(job, made, settings.count);
  }
  return { points, end, last };
}

/** Measures images against the reference, with at most `count` of each side. */
async function figuresOf(
  { set: { reference }, networks, signal }: CellJob,
  images: ImageSet,
  most: number,
): Promise<FiguresByNetwork> {
  const count = Math.min(most, reference.available, images.available);
  const figures: Partial<Record<NetworkName, Figures>> = {};
  for (const [name, network] of Object.entries(networks) as [NetworkName, FeatureNetwork][]) {
    const measuring = { network, a: images, b: reference, count, seed: 0, signal };
    // Images that are all alike, or not finite, cannot be measured; the cell counts as collapsed.
    const found = await measureSets(measuring).catch((error: unknown) => {
      if (error instanceof UserError) return null;
      throw error;
    });
    const figure = (key: string): number | null => {
      const value = found?.figures[key];
      return typeof value === 'number' ? value : null;
    };
    const [frechet, kid] = [figure('frechet'), figure('kid')];
    figures[name] = { frechet, kid, precision: figure('precision'), recall: figure('recall'), count };
  }
  return figures;
}

/** The first images of a set, [64, height, width, channels] in [-1, 1]. */
async function firstImages(images: ImageSet, { shape }: OpenSet): Promise<HostTensor> {
  const count = Math.min(gridImages, images.available);
  return {
    shape: [count, shape.height, shape.width, shape.channels],
    dtype: 'float32',
    data: toFloats(await images.read(0, count)),
  };
}
