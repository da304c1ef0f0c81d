// The Fréchet distance of each class alone: images of A and of B of the same class, by name. Only classes with enough images on both sides
// have one.
import { frechetDistance, tooFewFor } from './frechet.ts';
import { shown, type ClassFigure, type Measured, type MeasuredSet, type Metric } from './metric.ts';
import { MomentSums } from './moments.ts';
import type { Products } from './products.ts';

/** The row of the table. */
export const perClassMetric: Metric = {
  keys: ['perClass'],
  flag: {
    usage: '--per-class',
    about:
      'the Fréchet distance of each class alone too, where it has more images than the network has features',
  },
  async measure({ network, products, a, b }): Promise<Measured> {
    const names = commonClasses(a, b);
    if (typeof names === 'string') {
      return { figures: {}, rows: [['Fréchet distance per class', `not measured: ${names}`]], reason: names };
    }
    const [rowsA, rowsB] = [await rowsByClass(a), await rowsByClass(b)];
    const classes: Record<string, ClassFigure> = {};
    const rows: (readonly [string, string])[] = [];
    for (const { name, inA, inB } of names) {
      const [ofA, ofB] = [rowsA(inA), rowsB(inB)];
      const counts = { countA: ofA.length, countB: ofB.length };
      const few = tooFewFor(network, [{ count: ofA.length }, { count: ofB.length }]);
      const frechet =
        few === null
          ? await frechetDistance(
              products,
              await momentsOf(products, a, ofA),
              await momentsOf(products, b, ofB),
            )
          : null;
      classes[name] = { frechet, ...counts };
      rows.push([
        `Fréchet distance, ${name}`,
        frechet === null
          ? `not measured: ${counts.countA} and ${counts.countB} images, expected at least ${network.dim + 1} of each`
          : shown(frechet),
      ]);
    }
    return { figures: { perClass: { classes } }, rows };
  },
};

/** The classes of both sets, by name, or by position where the names are others but as many; or why there are none. */
function commonClasses(
  a: MeasuredSet,
  b: MeasuredSet,
): readonly { readonly name: string; readonly inA: number; readonly inB: number }[] | string {
  const [ofA, ofB] = [a.set.labels.classNames, b.set.labels.classNames];
  if (ofA === null || ofB === null) {
    return `${(ofA === null ? a : b).set.name} has no classes; give images in a folder for each, or a model of classes`;
  }
  const common = ofA.flatMap((name, inA) => {
    const inB = ofB.indexOf(name);
    return inB < 0 ? [] : [{ name, inA, inB }];
  });
  if (common.length > 0) return common;
  if (ofA.length === ofB.length) return ofA.map((name, i) => ({ name, inA: i, inB: i }));
  return `${a.set.name} has the classes ${ofA.join(', ')}, and ${b.set.name} has ${ofB.join(', ')}`;
}

/** A function that returns the rows of the kept features with a class. */
async function rowsByClass({ set, first, features }: MeasuredSet): Promise<(label: number) => number[]> {
  const labels = await set.labels.readClasses(first, features.rows.count);
  return (label) => [...labels.keys()].filter((i) => labels[i] === label);
}

async function momentsOf(
  products: Products,
  { features: { rows } }: MeasuredSet,
  indices: readonly number[],
) {
  const sums = new MomentSums(products, rows.dim);
  for (const i of indices) await sums.add(rows.data.subarray(i * rows.dim, (i + 1) * rows.dim));
  return await sums.finish();
}
