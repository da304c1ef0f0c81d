// The figures of a comparison: mean and spread over seeds, and the ratio to the peer at its own best rate.
import type { CellResult, Figures, NetworkName } from './cell.ts';

/** A mean over seeds. */
export interface Spread {
  readonly mean: number;
  /** Standard deviation of the sample; null for one seed. */
  readonly deviation: number | null;
}

/** One recipe on one set. */
export interface Row {
  readonly set: string;
  readonly recipe: string;
  readonly about: string;
  readonly kind: CellResult['kind'];
  readonly seeds: readonly number[];
  readonly imagesPerSecond: Spread;
  readonly images: Spread;
  /** The figures at the end, by network; null where a seed has none. */
  readonly end: Readonly<
    Partial<Record<NetworkName, Readonly<Record<Exclude<keyof Figures, 'count'>, Spread | null>>>>
  >;
  /** The lowest Fréchet distance of all points of time of a seed, by {@link Summary.network}, on fewer images than at the end. */
  readonly best: Spread | null;
  /** The mean distance at the end divided by that of the peer's best row, and the same of {@link best}; null without a peer. */
  readonly ratio: number | null;
  readonly bestRatio: number | null;
  /** Seeds with a collapse, and seeds during which other work ran on the machine, with the reason. */
  readonly collapses: readonly string[];
  readonly disturbed: readonly string[];
}

/** All rows, with the network of ratios: SqueezeNet where all cells have it, else the embedded one. */
export interface Summary {
  readonly network: NetworkName;
  readonly rows: readonly Row[];
}

/** Mean and standard deviation. Throws RangeError for no values. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError('spreadOf: got no values');
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, deviation: values.length > 1 ? Math.sqrt(squares / (values.length - 1)) : null };
}

/** The settings that the load is judged by. */
interface DisturbedSettings {
  readonly settings: Pick<CellResult['settings'], 'threads'>;
}

/** Busy fraction of an idle machine, and the load that the cell's own threads do not explain, above which a cell counts as disturbed. */
const maxBusyBefore = 0.25;
const maxForeignLoad = 1.5;

/** Why other work may have slowed a cell down; null if nothing shows it. */
export function disturbance({ load, settings }: Pick<CellResult, 'load'> & DisturbedSettings): string | null {
  if (load.busyBefore > maxBusyBefore)
    return `the machine was ${Math.round(load.busyBefore * 100)}% busy before it began`;
  const own = settings.threads + maxForeignLoad;
  return Math.max(load.most, load.after) > own
    ? `load ${Math.max(load.most, load.after).toFixed(1)}, with ${settings.threads} threads of its own`
    : null;
}

/** Items by key, in the order of the first of each. (Node 20 lacks `Map.groupBy`.) */
export function groupedBy<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

/** Summarises the cells: rows in the order of the cells' first seeds, ratios within each set. */
export function summarise(cells: readonly CellResult[]): Summary {
  const network: NetworkName = cells.every(({ end }) => end.squeezenet !== undefined)
    ? 'squeezenet'
    : 'embedded';
  const groups = groupedBy(cells, ({ set, recipe }) => `${set}/${recipe}`);
  const rows = [...groups.values()].map((group) => rowOf(group, network));
  return {
    network,
    rows: rows.map((row) => {
      const peers = rows.filter(({ set, kind }) => kind === 'peer' && set === row.set);
      const lowest = (of: (peer: Row) => Spread | null | undefined): number | null => {
        const means = peers.flatMap((peer) => of(peer)?.mean ?? []);
        return means.length > 0 ? Math.min(...means) : null;
      };
      const endOf = (of: Row): Spread | null | undefined => of.end[network]?.frechet;
      const ratio = (value: Spread | null | undefined, to: number | null): number | null =>
        value == null || to === null ? null : value.mean / to;
      return {
        ...row,
        ratio: ratio(endOf(row), lowest(endOf)),
        bestRatio: ratio(
          row.best,
          lowest(({ best }) => best),
        ),
      };
    }),
  };
}

function rowOf(cells: readonly CellResult[], network: NetworkName): Row {
  const { set, recipe, about, kind } = cells[0]!;
  const spread = (values: readonly (number | null | undefined)[]): Spread | null =>
    values.some((value) => value == null) ? null : spreadOf(values as readonly number[]);
  const names = (['squeezenet', 'embedded'] as const).filter((name) =>
    cells.every(({ end }) => end[name] !== undefined),
  );
  const lowest = cells.map(({ points }) => {
    const distances = points.flatMap(({ figures }) => figures[network]?.frechet ?? []);
    return distances.length > 0 ? Math.min(...distances) : null;
  });
  const told = (of: (cell: CellResult) => string | null): readonly string[] =>
    cells.flatMap((cell) => {
      const text = of(cell);
      return text === null ? [] : [`seed ${cell.seed}: ${text}`];
    });
  return {
    ...{ set, recipe, about, kind, seeds: cells.map(({ seed }) => seed) },
    imagesPerSecond: spreadOf(cells.map(({ imagesPerSecond }) => imagesPerSecond)),
    images: spreadOf(cells.map(({ points }) => points.at(-1)!.images)),
    end: Object.fromEntries(
      names.map((name) => {
        const figure = (key: keyof Figures): Spread | null =>
          spread(cells.map((cell) => cell.end[name]![key]));
        const [frechet, kid] = [figure('frechet'), figure('kid')];
        return [name, { frechet, kid, precision: figure('precision'), recall: figure('recall') }];
      }),
    ),
    best: spread(lowest),
    ...{ ratio: null, bestRatio: null },
    collapses: told(({ collapse }) => collapse),
    disturbed: told(disturbance),
  };
}

/** The summary as Markdown, a table for each set. */
export function summaryMarkdown({ network, rows }: Summary, cells: readonly CellResult[]): string {
  const parts: string[] = [];
  for (const [set, ofSet] of groupedBy(rows, (row) => row.set)) {
    const cell = cells.find((one) => one.set === set)!;
    const { minutes, width, threads, engine, pointCount, isByRate } = cell.settings;
    const counts = new Set(
      cells.filter((one) => one.set === set).flatMap(({ end }) => end[network]?.count ?? []),
    );
    parts.push(
      `## ${set}: ${cell.images}\n`,
      `${minutes} minutes of training each${isByRate ? ', as images at the rate of an idle machine' : ''}, ${threads} threads, ` +
        `${engine}, width ${width} unless said otherwise. Distances by ` +
        `${networkText[network]}, ${[...counts].join(' or ')} images of each side, to ${cell.reference}. *Best* is the lowest ` +
        `distance of all points of time, each on ${pointCount} images. Ratios are to the lowest row of the peer.\n`,
      '| recipe | | seeds | images/s | images | Fréchet | ratio | best | ratio of best | KID | precision | recall | embedded | |',
      '|---|---|---|---|---|---|---|---|---|---|---|---|---|---|',
      ...ofSet.map((row) => {
        const { frechet, kid, precision, recall } = row.end[network] ?? noFigures;
        const marks = [
          ...(row.collapses.length > 0 ? [`collapsed: ${row.collapses.join('; ')}`] : []),
          ...(row.disturbed.length > 0 ? [`disturbed: ${row.disturbed.join('; ')}`] : []),
        ];
        const columns = [
          ...[row.recipe, row.about, String(row.seeds.length)],
          ...[text(row.imagesPerSecond), text(row.images), text(frechet), ratioText(row.ratio)],
          ...[text(row.best), ratioText(row.bestRatio), text(kid)],
          ...[text(precision), text(recall), text(row.end.embedded?.frechet ?? null)],
          marks.join('. '),
        ];
        return `| ${columns.join(' | ')} |`;
      }),
      '',
    );
  }
  return `${parts.join('\n').trimEnd()}\n`;
}

const networkText = { squeezenet: 'SqueezeNet', embedded: 'the embedded network' } as const;
const noFigures = { frechet: null, kid: null, precision: null, recall: null } as const;
const ratioText = (ratio: number | null): string => (ratio === null ? '–' : ratio.toFixed(2));

/** `1,234 ± 56`, with as many digits after the point as the mean needs for three in all; a dash without a value. */
function text(spread: Spread | null): string {
  if (spread === null) return '–';
  const { mean, deviation } = spread;
  const magnitude = mean === 0 ? 0 : Math.floor(Math.log10(Math.abs(mean)));
  const places = Math.min(5, Math.max(0, 2 - magnitude));
  const show = (value: number): string =>
    value.toLocaleString('en', { minimumFractionDigits: places, maximumFractionDigits: places });
  return deviation === null ? show(mean) : `${show(mean)} ± ${show(deviation)}`;
}
