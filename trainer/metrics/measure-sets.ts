// Measures one set of images against another by every requested metric. Figures are only comparable under the same protocol
// (network, counts, preprocessing), so every result carries it.
import { shortSize } from '../../runtime-web/format/image-shape.ts';
import { UserError } from '../errors.ts';
import type { ModelPackage } from '../model-package/read-package.ts';
import type { FindingPicture } from '../findings/findings.ts';
import { defaultFraming, isSameFraming } from '../data/framing.ts';
import { networkLabel, type FeatureNetwork } from './feature-network.ts';
import { gatherFeatures } from './gather-features.ts';
import type { ImageSet } from './image-set.ts';
import type { Figure, MeasuredSet, Metric } from './metric.ts';
import type { LayerWeights } from './perceptual-distance.ts';
import { openProducts } from './products.ts';
import { metrics } from './table.ts';
import { held } from '../held.ts';

/** Settings that figures depend on. */
export type Protocol = Readonly<Record<string, string | number | boolean>>;

/** All figures, with their protocol. */
export interface Measurement {
  /** Figures by key, of all metrics of the table; null if not measured. */
  readonly figures: Readonly<Record<string, Figure>>;
  /** Why a metric is not measured, by its first key. */
  readonly reasons: Readonly<Record<string, string>>;
  /** Lines of the printed table: names and formatted values. */
  readonly rows: readonly (readonly [string, string])[];
  readonly pictures: readonly FindingPicture[];
  readonly network: string;
  readonly countA: number;
  readonly countB: number;
  readonly protocol: Protocol;
}

/** Options of {@link measureSets}. A is measured against B. */
export interface MeasureOptions {
  readonly network: FeatureNetwork;
  /** Weights of the network's layers; null (the default) weights every channel equally. */
  readonly weights?: LayerWeights | null;
  readonly a: ImageSet;
  readonly b: ImageSet;
  /** A's package, for metrics that need a model. */
  readonly model?: ModelPackage | null;
  /** The requested metrics that have a flag, each with the flag's number. Metrics without a flag are always measured. */
  readonly asked?: ReadonlyMap<Metric, number>;
  /** Max number of images of each set. */
  readonly count: number;
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (job: string, done: number, total: number) => void;
}

/**
 * The images to compare. Data compared with itself is split into two halves; a model compared with itself gets other seeds for B. So
 * no image is in both sets, and the remaining distance is due to chance.
 */
function partsOf(
  a: ImageSet,
  b: ImageSet,
  count: number,
): { readonly countA: number; readonly countB: number; readonly firstB: number } {
  const isSame = a.fingerprint === b.fingerprint;
  if (!isSame) {
    return { countA: Math.min(count, a.available), countB: Math.min(count, b.available), firstB: 0 };
  }
  const half = Math.min(count, Math.floor(a.available / 2));
  return { countA: half, countB: half, firstB: half };
}

/** Throws UserError if every image has the same features. */
function checkSpread({ set, features: { moments } }: MeasuredSet): void {
  for (let i = 0; i < moments.dim; i++) if (moments.covariance[i * moments.dim + i]! > 0) return;
  throw new UserError(`${set.name}: every image has the same features; are all images equal?`);
}

/** The number of images of A that are in B too, byte for byte at the measured size. */
function sharedImages(a: MeasuredSet, b: MeasuredSet): number {
  const ofB = new Set(b.features.digests);
  return a.features.digests.filter((digest) => ofB.has(digest)).length;
}

/** Measures A against B. Throws UserError for too few images, constant or infinite features, the signal's reason when aborted. */
export async function measureSets(options: MeasureOptions): Promise<Measurement> {
  const { network, count, seed, signal, model = null, asked, onProgress = () => undefined } = options;
  const { countA, countB, firstB } = partsOf(options.a, options.b, count);
  if (Math.min(countA, countB) < 2) {
    throw new UserError(
      firstB > 0 || countA === 0
        ? `${options.a.name}: ${options.a.available} images compared with themselves; halves need at least 2 images each: give 4 or more, or a second set`
        : `${countA < 2 ? options.a.name : options.b.name}: 1 image; expected at least 2 of each set`,
    );
  }
  const gather = async (set: ImageSet, first: number, images: number): Promise<MeasuredSet> => ({
    ...{ set, first, count: images },
    features: await gatherFeatures({
      ...{ network, set, first, signal },
      count: images,
      isCached: set.kind === 'data',
      onProgress: (done, total) => onProgress(`features of ${set.name}`, done, total),
    }),
  });
  const [a, b] = [await gather(options.a, 0, countA), await gather(options.b, firstB, countB)];
  checkSpread(a);
  checkSpread(b);
  const weights = options.weights ?? network.sidecar.outputs.layers.map(() => null);
  await using products = held(await openProducts());
  const measuring = { network, weights, products, a, b, model, most: count, seed, signal, onProgress };
  const figures: Record<string, Figure> = {};
  const rows: (readonly [string, string])[] = [];
  const reasons: Record<string, string> = {};
  const settings: Record<string, number> = {};
  const pictures: FindingPicture[] = [];
  for (const metric of metrics) {
    const amount = metric.flag === undefined ? 1 : (asked?.get(metric) ?? 0);
    const found = amount === 0 ? null : await metric.measure(measuring, amount);
    signal.throwIfAborted();
    for (const key of metric.keys) figures[key] = found?.figures[key] ?? null;
    if (found?.reason !== undefined) reasons[metric.keys[0]!] = found.reason;
    for (const [name, value] of found?.rows ?? []) {
      rows.push([
        name,
        found?.reason === undefined
          ? `${value}  (${networkLabel(network, { isFrechet: metric.keys.some((key) => key === 'frechet' || key === 'perClass') })})`
          : value,
      ]);
    }
    Object.assign(settings, found?.protocol);
    if (found?.picture !== undefined) pictures.push(found.picture);
  }
  const { input, name, sha256 } = network.sidecar;
  const { channels } = a.set;
  const protocol: Protocol = {
    ...{ a: a.set.name, b: b.set.name, countA, countB },
    halvesOfOneSet: firstB > 0,
    sharedImages: sharedImages(a, b),
    ...(a.set.mix !== null && { [`${a.set.mix.of}OfA`]: a.set.mix.text }),
    ...(b.set.mix !== null && { [`${b.set.mix.of}OfB`]: b.set.mix.text }),
    network: name,
    networkSha256: sha256,
    features: network.dim,
    ...{ imageSize: shortSize(a.set), channels },
    ...framingOfSets(a.set, b.set),
    preprocessing: `bytes, ${input.size === null ? 'resized in the network' : `${input.resize} to ${input.size}x${input.size}`}, grey: ${input.grey}${channels === 4 ? ', transparency on white' : ''}, range ${input.range.join(' to ')}`,
    ...settings,
    seed,
  };
  return { figures, reasons, rows, pictures, network: name, countA, countB, protocol };
}

/** The framing of the data, for the protocol; nothing for the default one, as in results of earlier versions. */
function framingOfSets(a: ImageSet, b: ImageSet): Protocol {
  const framing = a.framing ?? b.framing ?? defaultFraming;
  if (isSameFraming(framing, defaultFraming)) return {};
  const { fit, focus, resample, background } = framing;
  return { framing: `${fit}, focus ${focus}, ${resample}, background ${background}` };
}

/** A measurement as JSON: figures that are always measured, counts and protocol, then the figures of metrics with a flag. */
export function measurementJson(found: Measurement): Readonly<Record<string, unknown>> {
  const { figures, reasons, network, countA, countB, protocol } = found;
  const some = (hasFlag: boolean): Readonly<Record<string, Figure>> =>
    Object.fromEntries(
      metrics
        .filter(({ flag }) => (flag !== undefined) === hasFlag)
        .flatMap(({ keys }) => keys.map((key) => [key, figures[key]!])),
    );
  return { ...some(false), network, countA, countB, protocol, ...some(true), reasons };
}
