// Eigenvalues of a symmetric matrix, without its eigenvectors: Householder reflections to a tridiagonal matrix, then implicit QL steps
// (Golub & Van Loan, Matrix Computations, sections 8.3.1 and 8.3.3). For 2048 rows it takes seconds, where a decomposition with vectors
// takes minutes.

/** Rotations until an eigenvalue is found, at most; about two are usual. */
const maxSweeps = 60;
/** Numbers below this part of the largest one count as zero. */
const negligible = 1e-30;

/** The eigenvalues, in no order, of a symmetric matrix [n, n] given row-major; only its upper triangle is read. Throws RangeError if they do not converge. */
export function symmetricEigenvalues(matrix: Float64Array, n: number): Float64Array {
  const { diagonal, beside } = tridiagonal(matrix, n);
  return eigenvaluesOf(diagonal, beside);
}

/** A symmetric tridiagonal matrix: its diagonal [n], and what is beside it [n], with a 0 at the end. */
interface Tridiagonal {
  readonly diagonal: Float64Array;
  readonly beside: Float64Array;
}

/** Reduces the matrix. Each step's update of the rest is made in the next step's pass over it, so a step reads the rest once. */
function tridiagonal(matrix: Float64Array, n: number): Tridiagonal {
  const a = Float64Array.from(matrix);
  const [diagonal, beside] = [new Float64Array(n), new Float64Array(n)];
  // The update that is due: a[i, j] -= v[i] w[j] + w[i] v[j].
  let [v, w] = [new Float64Array(n), new Float64Array(n)];
  let [next, product] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n; k++) {
    const row = a.subarray(k * n, (k + 1) * n);
    for (let j = k; j < n; j++) row[j]! -= v[k]! * w[j]! + w[k]! * v[j]!;
    diagonal[k] = row[k]!;
    if (k === n - 1) break;
    const factor = reflection(row, k + 1, next);
    beside[k] = factor.image;
    product.fill(0);
    for (let i = k + 1; i < n; i++) {
      const [vi, wi, ni] = [v[i]!, w[i]!, next[i]!];
      const at = i * n;
      const corner = a[at + i]! - 2 * vi * wi;
      a[at + i] = corner;
      let sum = corner * ni;
      for (let j = i + 1; j < n; j++) {
        const value = a[at + j]! - vi * w[j]! - wi * v[j]!;
        a[at + j] = value;
        sum += value * next[j]!;
        product[j]! += value * ni;
      }
      product[i]! += sum;
    }
    let along = 0;
    for (let i = k + 1; i < n; i++) along += product[i]! * next[i]!;
    const share = (factor.weight ** 2 * along) / 2;
    for (let i = k + 1; i < n; i++) product[i] = factor.weight * product[i]! - share * next[i]!;
    [v, next] = [next, v];
    [w, product] = [product, w];
    // Earlier places are not read any more, and that of this row must not be.
    v[k] = 0;
    w[k] = 0;
  }
  return { diagonal, beside };
}

/** Writes v with (I - weight v vᵀ) x = image e₁, for x = row[first…], into `v` from `first` on. */
function reflection(
  row: Float64Array,
  first: number,
  v: Float64Array,
): { readonly weight: number; readonly image: number } {
  let rest = 0;
  for (let j = first + 1; j < row.length; j++) rest += row[j]! ** 2;
  const head = row[first]!;
  v.fill(0);
  if (rest === 0) return { weight: 0, image: head };
  const length = Math.sqrt(head ** 2 + rest);
  // Away from x, so that nothing cancels.
  const image = head > 0 ? -length : length;
  v.set(row.subarray(first), first);
  v[first] = head - image;
  return { weight: 2 / ((head - image) ** 2 + rest), image };
}

/** The eigenvalues of a tridiagonal matrix; its arrays are overwritten. */
function eigenvaluesOf(d: Float64Array, e: Float64Array): Float64Array {
  const n = d.length;
  const largest = d.reduce((most, value, i) => Math.max(most, Math.abs(value), Math.abs(e[i]!)), 0);
  const isZero = (i: number): boolean =>
    Math.abs(e[i]!) <= Number.EPSILON * (Math.abs(d[i]!) + Math.abs(d[i + 1]!)) + negligible * largest;
  for (let first = 0; first < n; first++) {
    for (let sweep = 0; ; sweep++) {
      let last = first;
      while (last < n - 1 && !isZero(last)) last++;
      if (last === first) break;
      if (sweep === maxSweeps) throw new RangeError('eigenvalues: the matrix does not converge');
      sweepUp(d, e, first, last);
    }
  }
  return d;
}

/** One implicit QL step on rows `first` to `last`, with Wilkinson's shift. */
function sweepUp(d: Float64Array, e: Float64Array, first: number, last: number): void {
  const slope = (d[first + 1]! - d[first]!) / (2 * e[first]!);
  const root = Math.hypot(slope, 1);
  let g = d[last]! - d[first]! + e[first]! / (slope + (slope < 0 ? -root : root));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = last - 1; i >= first; i--) {
    const f = sine * e[i]!;
    const b = cosine * e[i]!;
    const length = Math.hypot(f, g);
    e[i + 1] = length;
    if (length === 0) {
      // The matrix falls into two: the next step goes on with each.
      d[i + 1]! -= shift;
      e[last] = 0;
      return;
    }
    sine = f / length;
    cosine = g / length;
    const above = d[i + 1]! - shift;
    const turned = (d[i]! - above) * sine + 2 * cosine * b;
    shift = sine * turned;
    d[i + 1] = above + shift;
    g = cosine * turned - b;
  }
  d[first]! -= shift;
  e[first] = g;
  e[last] = 0;
}
