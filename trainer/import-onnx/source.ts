// Data that one file and a pair of files share on their way into a model package: the answers of the user, the run of the untouched
// file, and the form in which a network is rewritten.
import type { Conditioning, Styles } from '../../runtime-web/format/model.ts';
import type { LatentDistribution } from '../../runtime-web/format/random.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import type { Tolerances } from '../export/gates/parity-gate.ts';
import { elementType } from '../graph/lower/onnx-schema.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { held } from '../held.ts';
import type { ImageAnswers, ImageOutput } from './find-image.ts';
import type { FoundInputs, InputAnswers } from './find-inputs.ts';
import { withoutUnused } from './free-batch.ts';
import type { Network, NetworkFile, Port } from './network.ts';
import type { NamedTensor } from './new-values.ts';
import { openSource, type Outputs } from './run-source.ts';
import { hasOtherFloats, toFloat32 } from './to-float32.ts';
import { runInBatches, type SourceInput } from './trial-run.ts';
import { upgradeOpset } from './upgrade-opset.ts';
import { labelsBridge, latentBridge, renamed } from './wrap.ts';

/** The user's answers to what files do not say. */
export interface Answers extends InputAnswers, ImageAnswers {
  readonly distribution: LatentDistribution;
  /** Names of the classes; null to number them. */
  readonly classNames: readonly string[] | null;
}

/** A generator from elsewhere, ready to be written. */
export interface SourceGenerator {
  readonly generator: Network;
  readonly latentDim: number;
  readonly conditioning: Conditioning;
  readonly image: ImageOutput;
  /** The package's inputs for the compared seeds. */
  readonly inputs: NamedHostTensors;
  /** The images of the untouched files, [n, size, size, channels] in [-1, 1]. */
  readonly images: HostTensor;
  /** `onnxruntime-node 1.30.0 cpu` */
  readonly runtime: string;
  /** Null for one file. */
  readonly halves: SourceHalves | null;
  readonly tolerances: Tolerances;
  /** Findings for `origin.settings`. */
  readonly found: Readonly<Record<string, string | number>>;
}

/** The two halves of a style-based generator. */
export interface SourceHalves {
  readonly mapping: Network;
  readonly synthesis: Network;
  /** Styles of the compared seeds, [n, dim]. */
  readonly w: HostTensor;
  /** The same as the synthesis takes them, [n, layers, dim]. */
  readonly repeated: HostTensor;
  readonly styles: Pick<Styles, 'dim' | 'layers'>;
}

/** A file in the form that is rewritten: new operators, float32, values of `--set` as constants. */
export function prepared(
  { network }: NetworkFile,
  { set }: InputAnswers,
  prefix: string,
): ReturnType<typeof renamed> {
  const isSet = ({ name }: Port): boolean => set.has(name);
  const constants = network.inputs.filter(isSet).map(({ name, type, dims }): NamedTensor => {
    const size = (dims ?? []).map((n) => n ?? 1);
    const values = Array<number>(size.reduce((product, n) => product * n, 1)).fill(set.get(name)!);
    return tensorOf(name, type, size, values);
  });
  const closed = {
    ...network,
    inputs: network.inputs.filter((port) => !isSet(port)),
    initialisers: [...network.initialisers, ...constants],
  };
  return renamed(withoutUnused(toFloat32(upgradeOpset(closed))), prefix);
}

/** A constant of a type that `--set` can give. */
function tensorOf(
  name: string,
  type: number,
  dims: readonly number[],
  values: readonly number[],
): NamedTensor {
  const list = { 1: 'float_data', 7: 'int64_data', 11: 'double_data' }[type] ?? 'int32_data';
  return { name, dims, data_type: type, [list]: values };
}

/** The package's conditioning: classes by the given names, or numbered. */
export const conditioningOf = ({ classes }: FoundInputs, names: readonly string[] | null): Conditioning =>
  classes && { kind: 'classes', names: names ?? Array.from({ length: classes.count }, (_, i) => `${i}`) };

/** The inputs of the untouched file for package inputs. */
export function sourceInputs(
  { network }: NetworkFile,
  found: FoundInputs,
  inputs: NamedHostTensors,
  { set }: InputAnswers,
): readonly SourceInput[] {
  const { latent, classes } = found;
  const list: SourceInput[] = [
    { port: latent.port, shape: latent.shape, values: inputs['z']!.data as Float32Array },
  ];
  const labels = inputs['labels'];
  if (classes !== null && labels !== undefined) {
    const { port, kind, shape, count } = classes;
    const oneHot = labels.data as Float32Array;
    const indices = Float32Array.from({ length: labels.shape[0]! }, (_, i) =>
      oneHot.subarray(i * count, (i + 1) * count).indexOf(1),
    );
    list.push({ port, shape, values: kind === 'oneHot' ? oneHot : indices });
  }
  return [...list, ...setInputs(network, set)];
}

/** The inputs whose values the user gave. */
export const setInputs = ({ inputs }: Network, set: InputAnswers['set']): SourceInput[] =>
  inputs.flatMap((port) => (set.has(port.name) ? [{ port, shape: [], values: set.get(port.name)! }] : []));

/** The untouched file's outputs, image by image or in its own batch size. */
export async function runUntouched(
  file: NetworkFile,
  inputs: readonly SourceInput[],
  count: number,
  batch: number | null,
  signal: AbortSignal,
): Promise<{ readonly outputs: Outputs; readonly runtime: string }> {
  await using session = held(await openSource(file));
  return {
    outputs: await runInBatches(session, inputs, count, batch ?? 1, signal),
    runtime: session.runtime,
  };
}

/** A step of 8 bits in [-1, 1]. */
const step = 2 / 255;

/**
 * Upper limits of the differences between a package's images and those of files. Networks of any depth add up their rounding, so the
 * limit in float32 is an eighth of a step of 8 bits; it is a step for files that compute in another precision themselves. An image of
 * whole numbers may be a step or two off anyway.
 */
export function tolerancesOf(files: readonly NetworkFile[], { type }: Pick<Port, 'type'>): Tolerances {
  if (type !== elementType.float32) return { float32: 1.5 * step, float16: 2.5 * step };
  return { float32: files.some(({ network }) => hasOtherFloats(network)) ? step : step / 8, float16: step };
}

/** The port called `name`. */
export const portNamed = (ports: readonly Port[], name: string): Port =>
  ports.find((port) => port.name === name)!;

/** The bridges of `z` and `labels`; the types are those of the rewritten network. */
export function inputBridges({ latent, classes }: FoundInputs, network: ReturnType<typeof renamed>) {
  const bridges = [latentBridge(latent, network.rename(latent.port.name))];
  if (classes !== null) {
    const name = network.rename(classes.port.name);
    bridges.push(labelsBridge({ ...classes, port: portNamed(network.inputs, name) }, name));
  }
  return bridges;
}

/** Outputs by their new names. */
export const asRenamed = (outputs: Outputs, rename: (name: string) => string): Outputs =>
  Object.fromEntries(Object.entries(outputs).map(([name, tensor]) => [rename(name), tensor]));
