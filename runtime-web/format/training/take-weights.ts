// Starts networks from the weights of others: every layer that fits is taken, the rest keeps its random start. Layers fit by name and
// shape. Between images of different sizes a network's blocks are moved along as one, so that most parameters fit: its blocks are
// numbered from 4x4 (G) or from the image (D), while their widths follow from the distance to the image and from the base width.
import { columnNames } from '../condition.ts';
import type { Conditioning } from '../model.ts';
import type { StoredTensor } from './safetensors.ts';
import { slotNames, vectorName } from './slot-names.ts';

/** Tensors by name. */
export type NamedTensors = Readonly<Record<string, StoredTensor>>;

/** A state, with the configuration and the condition of its networks. */
export interface ConditionedState {
  readonly state: NamedTensors;
  readonly config: { readonly labelDiscriminator: unknown; readonly latent: number };
  readonly conditioning: Conditioning;
}

/** The layers that were taken from another state, and those that were not. */
export interface TakenLayers {
  readonly taken: readonly string[];
  /** Layers that keep the rows of z, of the image's channels and of classes of the same names; other rows are new. */
  readonly partly: readonly string[];
  /** Layers that the other networks do not have, or not in this shape. */
  readonly fresh: readonly string[];
  /** Fraction of the networks' parameters that were taken. */
  readonly share: number;
}

/** A state that starts from another, and its layers. */
export interface TakenWeights extends TakenLayers {
  readonly state: NamedTensors;
}

const networks = ['generator/', 'discriminator/'] as const;
/** Largest difference of sizes: 4x4 to 512x512. */
const maxMove = 7;

/**
 * The state `initial` with the weights of `source`: parameters and averages, and Adam's moments if `hasMoments`. An average that the
 * source lacks starts from its weight. A kernel's vector of spectral norm comes with it. Statistics are never taken, because they are measured anew before each sample.
 */
export function takeWeights(
  initial: ConditionedState,
  source: ConditionedState,
  { hasMoments }: { readonly hasMoments: boolean },
): TakenWeights {
  const state: Record<string, StoredTensor> = { ...initial.state };
  const layers: { name: string; how: 'taken' | 'partly' | 'fresh' }[] = [];
  let [count, total] = [0, 0];
  const sizeOf = (name: string): number => state[name]!.data.length;
  for (const network of networks) {
    const all = Object.keys(state).filter((name) => name.startsWith(network));
    const otherName = bestMove(all, initial, source);
    for (const layer of new Set(all.map(layerOf))) {
      const names = all.filter((name) => layerOf(name) === layer);
      total += names.reduce((sum, name) => sum + sizeOf(name), 0);
      const joins = new Map(names.map((name) => [name, joining(name, initial, source, otherName(name))]));
      // A bias or a scale means nothing without its kernel.
      if (names.some((name) => isKernel(name) && joins.get(name) === null)) {
        layers.push({ name: layer, how: 'fresh' });
        continue;
      }
      let isWhole = true;
      for (const [name, join] of joins) {
        isWhole &&= join?.count === sizeOf(name);
        if (join === null) continue;
        count += join.count;
        const other = otherName(name);
        const takeInto = (slot: string, from: string): void => {
          if (slot in state && from in source.state)
            state[slot] = join.take(state[slot]!, source.state[from]!);
        };
        const [average, otherAverage] = [slotNames.average(name), slotNames.average(other)];
        takeInto(average, otherAverage in source.state ? otherAverage : other);
        if (hasMoments) {
          for (const slot of [slotNames.first, slotNames.second]) takeInto(slot(name), slot(other));
        }
        const [vector, otherVector] = [state[vectorName(name)], source.state[vectorName(other)]];
        if (vector !== undefined && vector.shape.join() === otherVector?.shape.join()) {
          state[vectorName(name)] = copyOf(vector, otherVector!);
        }
        takeInto(name, other);
      }
      layers.push({ name: layer, how: isWhole ? 'taken' : 'partly' });
    }
  }
  const layersThat = (how: string): string[] =>
    layers.filter((layer) => layer.how === how).map(({ name }) => name);
  return {
    state,
    taken: layersThat('taken'),
    partly: layersThat('partly'),
    fresh: layersThat('fresh'),
    share: count / total,
  };
}

/** `generator/block1/kernel` → `generator/block1`; `generator/8x8/first/style/kernel` → `generator/8x8/first/style`. */
function layerOf(name: string): string {
  return name.replace(/\/(kernel|bias|scale|offset|noise|constant)(\/\dx\d)?$/, '');
}

/** The parameters that a layer's others depend on. */
function isKernel(name: string): boolean {
  return /\/(kernel|kernel\/\dx\d|constant)$/.test(name);
}

/** The names of the source by those of the new networks, moved so that most parameters fit; in doubt by as little as possible. */
function bestMove(
  names: readonly string[],
  initial: ConditionedState,
  source: ConditionedState,
): (name: string) => string {
  const network = names[0]!.slice(0, names[0]!.indexOf('/') + 1);
  const others = Object.keys(source.state).filter((name) => name.startsWith(network));
  const levels = [levelsIn(names), levelsIn(others)] as const;
  let best = { count: 0, move: 0 };
  for (let size = 0; size <= maxMove; size++) {
    for (const move of size === 0 ? [0] : [size, -size]) {
      const count = names.reduce(
        (sum, name) => sum + (joining(name, initial, source, movedName(name, move, levels))?.count ?? 0),
        0,
      );
      if (count > best.count) best = { count, move };
    }
  }
  return (name) => movedName(name, best.move, levels);
}

const levelPattern = /^(\w+\/)(\d+x\d+)(?=\/)/;

/** The sizes that names of layers have, from the smallest on: 4x4, 8x8, …; none where blocks are numbered. */
function levelsIn(names: readonly string[]): readonly string[] {
  const sizes = new Set(names.flatMap((name) => levelPattern.exec(name)?.[2] ?? []));
  return [...sizes].sort((a, b) => parseInt(a) - parseInt(b));
}

/** The name of the layer `move` doublings away: `generator/block3/kernel` → `generator/block2/kernel` for -1. */
function movedName(
  name: string,
  move: number,
  [levels, others]: readonly [readonly string[], readonly string[]],
): string {
  return name
    .replace(
      /^(\w+\/block)(\d+)(?=\/)/,
      (_, start: string, number: string) => `${start}${Number(number) + move}`,
    )
    .replace(
      levelPattern,
      (_, start: string, size: string) => `${start}${others[levels.indexOf(size) + move] ?? 'none'}`,
    );
}

/** A way to take a tensor of the source: how many numbers fit, and the result for the tensor or one of its slots. */
interface Join {
  readonly count: number;
  take(initial: StoredTensor, source: StoredTensor): StoredTensor;
}

/** Null if nothing fits. */
function joining(
  name: string,
  initial: ConditionedState,
  source: ConditionedState,
  other: string,
): Join | null {
  const [to, from] = [initial.state[name]!, source.state[other]];
  if (from === undefined || from.shape.length !== to.shape.length) return null;
  const isSame = to.shape.join() === from.shape.join();
  const rows = conditionRows(name, to, from, initial, source);
  if (rows === null) return isSame ? { count: to.data.length, take: copyOf } : null;
  const { axis, sources } = rows;
  const inner = to.shape.slice(axis + 1).reduce((product, side) => product * side, 1);
  const outer = to.shape.slice(0, axis).reduce((product, side) => product * side, 1);
  const [toRows, fromRows] = [to.shape[axis]!, from.shape[axis]!];
  return {
    count: outer * inner * sources.filter((row) => row !== null).length,
    take(into, given) {
      const data = into.data.slice();
      for (let o = 0; o < outer; o++) {
        sources.forEach((row, i) => {
          if (row === null) return;
          const at = (o * fromRows + row) * inner;
          data.set(given.data.subarray(at, at + inner) as never, (o * toRows + i) * inner);
        });
      }
      return { ...into, data };
    },
  };
}

function copyOf(_: StoredTensor, source: StoredTensor): StoredTensor {
  return { ...source, data: source.data.slice() };
}

/**
 * The rows of a parameter that has some for the columns of the condition, the last ones of their axis: for each, the row of the source with
 * the same meaning, or null. Null for a parameter without such rows or with the same ones, and for one that does not fit otherwise.
 */
function conditionRows(
  name: string,
  to: StoredTensor,
  from: StoredTensor,
  initial: ConditionedState,
  source: ConditionedState,
): { readonly axis: number; readonly sources: readonly (number | null)[] } | null {
  const [place, old] = [conditionPlace(name, to, initial), conditionPlace(name, from, source)];
  if (place === null || old === null || place.columns.join('\n') === old.columns.join('\n')) return null;
  const { axis, columns } = place;
  if (to.shape.some((side, i) => i !== axis && side !== from.shape[i])) return null;
  const kept = to.shape[axis]! - columns.length;
  if (from.shape[axis]! - old.columns.length !== kept) return null;
  return {
    axis,
    sources: [
      ...Array.from({ length: kept }, (_, i) => i),
      ...columns.map((column) => (old.columns.includes(column) ? kept + old.columns.indexOf(column) : null)),
    ],
  };
}

/** The axis on which a parameter has rows for the condition, and their meaning; null for a parameter without. */
function conditionPlace(
  name: string,
  { shape }: StoredTensor,
  { config, conditioning }: ConditionedState,
): { readonly axis: number; readonly columns: readonly string[] } | null {
  if (name === 'generator/embedding/kernel') return { axis: 0, columns: columnNames(conditioning) };
  if (name === 'generator/basis/kernel') {
    // Its last rows are for the embedded condition, which is as long as z.
    const embedded = conditioning === null ? 0 : config.latent;
    return { axis: 0, columns: Array.from({ length: embedded }, (_, i) => `embedded ${i + 1}`) };
  }
  if (name === 'generator/project/kernel') {
    return { axis: shape.length === 2 ? 0 : 3, columns: columnNames(conditioning) };
  }
  // Codes are not shown to D.
  const shown = conditioning?.kind === 'codes' ? [] : columnNames(conditioning);
  if (name === 'discriminator/projection/kernel') return { axis: 0, columns: shown };
  if (!/^discriminator\/(block1|image|\d+x\d+\/image)\/kernel$/.test(name)) return null;
  return { axis: 2, columns: config.labelDiscriminator === 'maps' ? shown : [] };
}
