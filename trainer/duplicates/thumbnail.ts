// Thumbnails of 8x8 brightness values, to rank the many candidates of an image quickly. A cropped copy is shifted by a fraction
// of a pixel, which would outweigh the content among similar images, so the effects of small shifts and scalings are projected
// out (tangent distance, Simard, LeCun and Denker 1993).
import { pictureSize } from './picture.ts';

const side = 8;
const length = side * side;
const block = pictureSize / side;
const middle = (pictureSize - 1) / 2;
/** Norm of thumbnails and tangents as byte vectors. */
const norm = 320;
const tangents = 3;
/** Minimum correlation of near thumbnails. */
const minCorrelation = 0.85;

/** Thumbnails of images, several views each; about 1 kB per image. */
export class Thumbnails {
  private readonly views: Int8Array;
  private readonly tangents: Int8Array;
  private readonly perPicture: number;

  constructor(pictures: number, perPicture: number) {
    this.perPicture = perPicture;
    this.views = new Int8Array(pictures * perPicture * length);
    this.tangents = new Int8Array(pictures * tangents * length);
  }

  /** Adds a view's brightness, [32, 32] in [0, 255]. View 0 of an image is the whole image. */
  add(picture: number, view: number, brightness: Float32Array): void {
    const vectors = [Float64Array.from({ length }, () => 0)];
    if (view === 0) for (let t = 0; t < tangents; t++) vectors.push(new Float64Array(length));
    const last = pictureSize - 1;
    for (let y = 0, at = 0; y <= last; y++) {
      for (let x = 0; x <= last; x++, at++) {
        const cell = Math.floor(y / block) * side + Math.floor(x / block);
        vectors[0]![cell]! += brightness[at]!;
        if (view !== 0) continue;
        const gx = brightness[x < last ? at + 1 : at]! - brightness[x > 0 ? at - 1 : at]!;
        const gy = brightness[y < last ? at + pictureSize : at]! - brightness[y > 0 ? at - pictureSize : at]!;
        vectors[1]![cell]! += gx;
        vectors[2]![cell]! += gy;
        vectors[3]![cell]! += gx * (x - middle) + gy * (y - middle);
      }
    }
    orthonormalise(vectors);
    pack(vectors[0]!, this.views, (picture * this.perPicture + view) * length);
    for (let t = 1; t < vectors.length; t++) {
      pack(vectors[t]!, this.tangents, (picture * tangents + t - 1) * length);
    }
  }

  /**
   * Negative squared tangent distance of two views: 0 for equal views, -Infinity if their correlation is below 0.85. Views
   * are numbered picture * views + view.
   */
  nearness(one: number, two: number): number {
    const { views, perPicture } = this;
    const [a, b] = [one * length, two * length];
    let product = 0;
    for (let i = 0; i < length; i++) product += views[a + i]! * views[b + i]!;
    if (product < minCorrelation * norm * norm) return -Infinity;
    const explained = Math.max(
      this.explained(Math.floor(one / perPicture), a, b),
      this.explained(Math.floor(two / perPicture), a, b),
    );
    return explained / (norm * norm) - 2 * (norm * norm - product);
  }

  /** Squared length of the projection of the views' difference onto an image's tangents, times norm². */
  private explained(picture: number, a: number, b: number): number {
    const { views, tangents: vectors } = this;
    const at = picture * tangents * length;
    let [x, y, s] = [0, 0, 0];
    for (let i = 0; i < length; i++) {
      const difference = views[a + i]! - views[b + i]!;
      x += difference * vectors[at + i]!;
      y += difference * vectors[at + length + i]!;
      s += difference * vectors[at + 2 * length + i]!;
    }
    return x * x + y * y + s * s;
  }
}

/**
 * Subtracts the mean of each vector, then its projections onto the earlier ones (Gram-Schmidt); a vector without a
 * remainder becomes 0.
 */
function orthonormalise(vectors: readonly Float64Array[]): void {
  vectors.forEach((vector, v) => {
    const mean = vector.reduce((sum, value) => sum + value, 0) / length;
    vector.forEach((value, i) => (vector[i] = value - mean));
    for (const other of vectors.slice(0, v)) {
      const part = vector.reduce((sum, value, i) => sum + value * other[i]!, 0);
      other.forEach((value, i) => (vector[i]! -= part * value));
    }
    const size = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    vector.forEach((value, i) => (vector[i] = size < 1 ? 0 : value / size));
  });
}

/** Writes a unit vector, times the norm, as signed bytes; large components are clipped. */
function pack(vector: Float64Array, target: Int8Array, at: number): void {
  vector.forEach((value, i) => (target[at + i] = Math.max(-127, Math.min(127, Math.round(value * norm)))));
}
