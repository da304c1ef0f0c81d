// The mathematics of `bench -- recipes`: mean, spread and ratios of hand-made cells, against numbers worked out by hand.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CellResult, FiguresByNetwork } from '../../../../scripts/bench/recipes/cell.ts';
import { distancePlot } from '../../../../scripts/bench/recipes/plot.ts';
import {
  disturbance,
  spreadOf,
  summarise,
  summaryMarkdown,
  type Row,
} from '../../../../scripts/bench/recipes/summary.ts';
import {
  flagsOf,
  imageSets,
  parseRecipe,
  recipes,
  wordsOf,
} from '../../../../scripts/bench/recipes/table.ts';

const test = suite('bench recipes: summary');

const figuresOf = (frechet: number, count: number): FiguresByNetwork => ({
  squeezenet: { frechet, kid: 0.5, precision: 0.8, recall: 0.4, count },
  embedded: { frechet: frechet / 1000, kid: 0.5, precision: 0.8, recall: 0.4, count },
});

/** A cell whose distances at its points of time, a minute apart, are given; on the fewer images of a point they are 10 larger. */
function cell(
  set: string,
  recipe: string,
  seed: number,
  distances: readonly number[],
  more: Partial<CellResult> = {},
): CellResult {
  return {
    ...{ set, recipe, seed, kind: recipe.startsWith('peer') ? 'peer' : 'own', about: recipe },
    ...{ images: 'images', reference: 'other images', imagesPerSecond: 100 * seed, collapse: null },
    settings: {
      ...{ minutes: 2, width: 32, threads: 2, engine: 'onnx-cpu', points: 2, count: 50, pointCount: 20 },
      isByRate: false,
    },
    points: distances.map((frechet, i) => ({
      ...{ seconds: 60 * (i + 1), images: 1000 * (i + 1), diversity: 1 },
      figures: figuresOf(frechet + 10, 20),
    })),
    end: figuresOf(distances.at(-1) ?? 0, 50),
    load: { busyBefore: 0, before: 0, most: 2, after: 2 },
    ...{ facts: {}, totalSeconds: 150, finishedAt: '' },
    ...more,
  };
}

const cells = [
  cell('avatars', 'peer-a', 1, [1500, 1000]),
  cell('avatars', 'peer-a', 2, [1100, 1200]),
  cell('avatars', 'peer-b', 1, [800, 900]),
  cell('avatars', 'own', 1, [500, 300]),
  cell('avatars', 'own', 2, [280, 420]),
  cell('fashion', 'own', 1, [10, 20]),
];
const rowOf = (set: string, recipe: string, of = cells): Row =>
  summarise(of).rows.find((row) => row.set === set && row.recipe === recipe)!;

test('spreadOf() gives the mean and the standard deviation of a sample', () => {
  // Squares of -3, -1, 1, 3 sum to 20; divided by 3.
  assert.equal(spreadOf([1, 3, 5, 7]), { mean: 4, deviation: Math.sqrt(20 / 3) });
  assert.equal(spreadOf([2.5]), { mean: 2.5, deviation: null });
  assert.throws(() => spreadOf([]), RangeError);
});

test('a row has the mean over its seeds at the end, and the ratio to the peer at its best rate', () => {
  const own = rowOf('avatars', 'own');
  assert.equal(own.seeds, [1, 2]);
  // (300 + 420) / 2, and the root of 60² + 60².
  assert.is(own.end.squeezenet!.frechet!.mean, 360);
  assert.ok(Math.abs(own.end.squeezenet!.frechet!.deviation! - 84.8528) < 1e-3);
  assert.is(own.imagesPerSecond.mean, 150);
  assert.is(own.ratio, 0.4, '360 to 900 of peer-b, not to 1100 of peer-a');
  assert.is(rowOf('avatars', 'peer-a').ratio, 1100 / 900);
  assert.is(rowOf('avatars', 'peer-b').ratio, 1);
});

test('the best point of time is that of each seed, and its ratio is to the best of the peer', () => {
  const own = rowOf('avatars', 'own');
  assert.is(own.best!.mean, 300, 'the lowest of 510 and 310, and of 290 and 430');
  assert.is(own.bestRatio, 300 / 810);
});

test('a set without a peer has no ratio', () => {
  assert.is(rowOf('fashion', 'own').ratio, null);
  assert.is(rowOf('fashion', 'own').bestRatio, null);
});

test('ratios are by the embedded network if one cell lacks SqueezeNet', () => {
  const { embedded } = figuresOf(20, 50);
  const found = summarise([...cells.slice(0, -1), { ...cells.at(-1)!, end: { embedded: embedded! } }]);
  assert.is(found.network, 'embedded');
  assert.is(found.rows.find(({ recipe, set }) => recipe === 'own' && set === 'avatars')!.ratio, 0.36 / 0.9);
});

test('a missing figure of one seed makes no mean of the others', () => {
  const none = { frechet: null, kid: null, precision: null, recall: null, count: 5 };
  const few = cell('avatars', 'own', 3, [1, 2], { end: { squeezenet: none, embedded: none } });
  const row = rowOf('avatars', 'own', [...cells, few]);
  assert.is(row.end.squeezenet!.frechet, null);
  assert.is(row.ratio, null);
});

test('a collapse, and other work on the machine, stand beside the row', () => {
  const busy = { busyBefore: 0.5, before: 0, most: 2, after: 2 };
  const loaded = { busyBefore: 0, before: 0, most: 3.6, after: 2 };
  assert.is(disturbance(cells[0]!), null);
  assert.match(disturbance(cell('avatars', 'own', 1, [1], { load: busy }))!, '50% busy');
  assert.match(disturbance(cell('avatars', 'own', 1, [1], { load: loaded }))!, 'load 3.6');
  const found = [
    ...cells.slice(0, 4),
    cell('avatars', 'own', 2, [280, 420], { collapse: 'all alike', load: busy }),
  ];
  const table = summaryMarkdown(summarise(found), found);
  assert.match(table, /\| own \| own \| 2 \| 150 ± 71 \| 2,000 ± 0 \| 360 ± 85 \| 0\.40 \|/);
  assert.match(table, 'collapsed: seed 2: all alike. disturbed: seed 2: the machine was 50% busy');
});

test('the plot has a line for each recipe, on a logarithmic axis', () => {
  const svg = distancePlot(
    [cell('avatars', 'own', 1, [990, 90, 0]), cell('avatars', 'peer-a', 1, [1000, 500])],
    'squeezenet',
  );
  const lines = [...svg.matchAll(/<polyline points="([^"]+)"[^>]*>/g)];
  assert.is(lines.length, 2);
  assert.is(
    lines.filter(([line]) => line.includes('stroke-dasharray')).length,
    1,
    'the dashed one is the peer',
  );
  const three = lines.map(([, points]) => points!.split(' ')).find(({ length }) => length === 3)!;
  const [high, middle, low] = three.map((point) => Number(point.split(',')[1]));
  assert.ok(high! < middle! && Math.abs(middle! - (high! + low!) / 2) < 0.11, `${three.join(' ')}`);
  assert.is(distancePlot([cell('avatars', 'own', 1, [])], 'squeezenet'), '');
});

test('a recipe adds its flags to the preset of the set; the default recipe has only the shape of the images', () => {
  const { r1 } = recipes;
  assert.ok(r1?.kind === 'own');
  assert.is(
    wordsOf(flagsOf(r1, imageSets.emoji, 24)).join(' '),
    '--preset dcgan-64 --channels 4 --image-size 64 --base-width 24 --r1 0.5 --r1-every 4',
  );
  const free = recipes['default'];
  assert.ok(free?.kind === 'own');
  assert.is(wordsOf(flagsOf(free, imageSets.fashion, 24)).join(' '), '--image-size 32 --channels 1');
});

test('--try makes a recipe of flags, over the preset or over nothing', () => {
  const [name, mild] = parseRecipe('mild: --objective relativistic --flip --r1 0.1')!;
  assert.is(name, 'mild');
  assert.is(mild.base, 'today');
  assert.equal(mild.flags, { objective: 'relativistic', flip: true, r1: '0.1' });
  assert.is(parseRecipe('bare= --network modern')![1].base, 'shape');
  for (const wrong of ['mild', 'mild --r1 1', 'mild: r1 1', ': --r1 1']) assert.is(parseRecipe(wrong), null);
});

test.run();
