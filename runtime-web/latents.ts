// Latents: of seeds, on the way from one to another, and sums of them as in the DCGAN paper. Every number that comes from
// outside is checked here.
import type { Conditioning, Model } from './format/model.ts';
import { latentFromSeed, Random } from './format/random.ts';

/** A latent as given: a seed (a whole number), or its numbers. */
export type LatentSource = number | ArrayLike<number>;
/** A label as given: a class by number or name. */
export type Label = number | string;
/** How to go from one latent to another. */
export type Path = 'slerp' | 'linear';

type Latent = Float32Array<ArrayBuffer>;

/** The latent of a seed, or the one given. Throws RangeError or TypeError for what is neither. */
export function latentOf({ latent }: Pick<Model, 'latent'>, source: LatentSource): Latent {
  const { dim, distribution } = latent;
  if (typeof source === 'number') {
    if (!Number.isSafeInteger(source) || source < 0) {
      throw new RangeError(`seed: got ${source}, expected a whole number from 0`);
    }
    return Float32Array.from(latentFromSeed(source, dim, distribution));
  }
  if (typeof source !== 'object' || source === null || typeof source.length !== 'number') {
    throw new TypeError(`z: got ${typeof source}, expected ${dim} numbers`);
  }
  if (source.length !== dim) throw new RangeError(`z: got ${source.length} numbers, expected ${dim}`);
  const z = Float32Array.from(source);
  const bad = z.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) throw new RangeError(`z[${bad}]: got ${source[bad]}, expected a finite number`);
  return z;
}

/** `steps` latents from one to the other, both included. */
export function between(from: Latent, to: Latent, steps: number, path: Path): Latent[] {
  if (!Number.isInteger(steps) || steps < 2 || steps > 10_000) {
    throw new RangeError(`steps: got ${steps}, expected a whole number from 2 to 10000`);
  }
  return Array.from({ length: steps }, (_, i) => mix(from, to, i / (steps - 1), path));
}

/**
 * The latent at share `t` of the way: along the line, or along the great circle, where latents from a normal
 * distribution lie (White 2016), with the length going evenly from one's to the other's.
 */
export function mix(from: Latent, to: Latent, t: number, path: Path): Latent {
  const line = (): Latent => from.map((value, i) => value + t * (to[i]! - value));
  if (path === 'linear') return line();
  const [a, b] = [Math.hypot(...from), Math.hypot(...to)];
  if (a === 0 || b === 0) return line();
  const cosine = from.reduce((sum, value, i) => sum + (value / a) * (to[i]! / b), 0);
  const angle = Math.acos(Math.max(-1, Math.min(1, cosine)));
  // The same direction, or the opposite one, which has no one circle.
  if (angle < 1e-4 || Math.PI - angle < 1e-4) return line();
  const length = a + t * (b - a);
  const [p, q] = [Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)];
  return from.map((value, i) => length * ((p * value) / a + (q * to[i]!) / b));
}

/** The mean of latents: of exemplars of one thing, it is steadier than any one of them (Radford 2016, section 6.3.2). */
export function meanLatent(latents: readonly Latent[]): Latent {
  const sum = new Float32Array(latents[0]?.length ?? 0);
  for (const latent of latents) latent.forEach((value, i) => (sum[i]! += value / latents.length));
  return sum;
}

/** Offsets of the eight neighbours in a 3x3 grid: uniform noise of ±`scale`, as in the paper's figure 7; the middle is none. */
export function jittered(z: Latent, scale: number): Latent[] {
  if (!Number.isFinite(scale) || scale < 0)
    throw new RangeError(`jitter: got ${scale}, expected a number from 0`);
  const random = new Random(1);
  return Array.from({ length: 9 }, (_, i) =>
    i === 4 ? z : z.map((value) => value + scale * (2 * random.uniform() - 1)),
  );
}

/** Columns of the generator's input beside z; null where it has none. */
export function conditionColumns(conditioning: Conditioning): number | null {
  if (conditioning === null) return null;
  if (conditioning.kind === 'classes') return conditioning.names.length;
  return conditioning.codes.reduce(
    (sum, code) => sum + (code.kind === 'choice' ? code.choices.length : 1),
    0,
  );
}

/**
 * The generator's input beside z for `count` images: labels as one-hot rows, one for all or one each; without labels
 * classes take turns, and codes are in the middle of their range or at their first choice.
 */
export function conditionFor(
  { conditioning }: Pick<Model, 'conditioning'>,
  labels: Label | readonly Label[] | undefined,
  count: number,
): Float32Array<ArrayBuffer> | null {
  const columns = conditionColumns(conditioning);
  if (conditioning === null || columns === null) {
    if (labels !== undefined) throw new RangeError(`label: got ${labels}, and the model has no classes`);
    return null;
  }
  const rows = new Float32Array(count * columns);
  if (conditioning.kind === 'codes') {
    if (labels !== undefined)
      throw new RangeError(`label: got ${labels}, and the model has codes, not classes`);
    for (let row = 0; row < count; row++) {
      let column = row * columns;
      for (const code of conditioning.codes) {
        rows[column] = code.kind === 'choice' ? 1 : (code.least + code.most) / 2;
        column += code.kind === 'choice' ? code.choices.length : 1;
      }
    }
    return rows;
  }
  const { names } = conditioning;
  const list = typeof labels === 'object' ? labels : null;
  if (list !== null && list.length !== count) {
    throw new RangeError(`labels: got ${list.length}, expected ${count}, one for each image`);
  }
  for (let row = 0; row < count; row++) {
    const label = list === null ? (labels as Label | undefined) : list[row]!;
    rows[row * columns + (label === undefined ? row % columns : labelIndex(names, label))] = 1;
  }
  return rows;
}

/** The number of a class by number or name. Throws RangeError for one that there is not. */
export function labelIndex(names: readonly string[], label: Label): number {
  const index = typeof label === 'number' ? label : names.indexOf(label);
  if (Number.isInteger(index) && index >= 0 && index < names.length) return index;
  const wanted = `a number from 0 to ${names.length - 1} or one of ${names.join(', ')}`;
  throw new RangeError(`label: got ${JSON.stringify(label)}, expected ${wanted}`);
}
