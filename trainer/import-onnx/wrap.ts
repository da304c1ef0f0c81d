// Gives a network the inputs and outputs of a model package, by nodes around it: `z` [n, dim], `labels` [n, classes] and `styles`
// [n, layers, dim] go in, `images` [n, size, size, channels] in [-1, 1] and `w` [n, dim] come out.
import { elementType } from '../graph/lower/onnx-schema.ts';
import type { ImageOutput } from './find-image.ts';
import { imageRanges } from './find-image.ts';
import type { ClassInput, LatentInput } from './find-inputs.ts';
import type { Network, NetworkNode, Port } from './network.ts';
import { NewValues, nodeOf } from './new-values.ts';

const { float32, int64 } = elementType;

/** A value of the network for which a value of the package stands. */
interface Bridge {
  /** The port of the package. */
  readonly port: Port;
  /** Nodes between the two. */
  readonly nodes: readonly NetworkNode[];
}

/** Makes the nodes between a port of the package and one of the network. */
export type Bridging = (values: NewValues) => Bridge;

/** The network with these inputs and outputs in place of its own. `bridges` must cover all its inputs. */
export function wrap(network: Network, inputs: readonly Bridging[], outputs: readonly Bridging[]): Network {
  const values = new NewValues(network);
  const [before, after] = [inputs, outputs].map((list) => list.map((bridge) => bridge(values)));
  return {
    ...network,
    nodes: [
      ...before!.flatMap(({ nodes }) => nodes),
      ...network.nodes,
      ...after!.flatMap(({ nodes }) => nodes),
    ],
    initialisers: [...network.initialisers, ...values.constants],
    inputs: before!.map(({ port }) => port),
    outputs: after!.map(({ port }) => port),
  };
}

/** The names of the package's inputs and outputs. */
const reserved = ['z', 'labels', 'styles', 'w', 'images'];

/** The network with every value called `prefix/name`; with an empty prefix only values that are called like the package's are renamed. */
export function renamed(
  network: Network,
  prefix: string,
): Network & { readonly rename: (name: string) => string } {
  const rename = (name: string): string => {
    if (name === '') return name;
    if (prefix !== '') return `${prefix}/${name}`;
    return reserved.includes(name) ? `source/${name}` : name;
  };
  const named = <T extends { readonly name: string }>(item: T): T => ({ ...item, name: rename(item.name) });
  return {
    ...network,
    nodes: network.nodes.map((node) => ({
      ...node,
      input: node.input.map(rename),
      output: node.output.map(rename),
    })),
    initialisers: network.initialisers.map(named),
    inputs: network.inputs.map(named),
    outputs: network.outputs.map(named),
    rename,
  };
}

/** `z` [n, dim] for the latent of the network, which is called `to`. */
export function latentBridge({ dim, shape }: LatentInput, to: string): Bridging {
  return (values) => ({
    port: { name: 'z', type: float32, dims: [null, dim] },
    nodes: [
      shape.length === 1
        ? nodeOf('Identity', ['z'], to)
        : nodeOf('Reshape', ['z', values.ints('z/shape', [-1, ...shape])], to),
    ],
  });
}

/** `labels` [n, classes], one-hot, for the classes of the network, which are called `to`. */
export function labelsBridge({ port: { type }, count, kind, shape }: ClassInput, to: string): Bridging {
  return (values) => {
    const [index, cast] = [values.name('labels/index'), values.name('labels/cast')];
    const isCast = type !== (kind === 'oneHot' ? float32 : int64);
    const chosen = kind === 'index' ? (isCast ? cast : to) : null;
    return {
      port: { name: 'labels', type: float32, dims: [null, count] },
      nodes:
        chosen === null
          ? [
              isCast
                ? nodeOf('Cast', ['labels'], to, { to: { i: type } })
                : nodeOf('Identity', ['labels'], to),
            ]
          : [
              nodeOf('ArgMax', ['labels'], isCast ? index : chosen, {
                axis: { i: 1 },
                keepdims: { i: shape.length },
              }),
              ...(isCast ? [nodeOf('Cast', [index], to, { to: { i: type } })] : []),
            ],
    };
  };
}

/** `styles` [n, layers, dim] for the styles of a synthesis network, called `to`, which takes [n, dim] if `isFlat`. */
export function stylesBridge(layers: number, dim: number, isFlat: boolean, to: string): Bridging {
  return (values) => ({
    port: { name: 'styles', type: float32, dims: [null, layers, dim] },
    nodes: [
      isFlat
        ? nodeOf('Reshape', ['styles', values.ints('styles/shape', [-1, dim])], to)
        : nodeOf('Identity', ['styles'], to),
    ],
  });
}

/** `w` [n, dim] from the style of a mapping network, called `from`; the first of its rows if it is [n, layers, dim]. */
export function styleBridge(dim: number, isRepeated: boolean, from: string): Bridging {
  return (values) => ({
    port: { name: 'w', type: float32, dims: [null, dim] },
    nodes: [
      isRepeated
        ? nodeOf('Gather', [from, values.ints('w/first', 0)], 'w', { axis: { i: 1 } })
        : nodeOf('Identity', [from], 'w'),
    ],
  });
}

/** `images` from the image of the network, called `from`, whose elements are of `type`. */
export function imagesBridge(image: ImageOutput, type: number, from: string): Bridging {
  const { layout, range, width, height, channels, isBounded } = image;
  return (values) => {
    const [low, high] = imageRanges[range];
    const nodes: NetworkNode[] = [];
    let value = from;
    const add = (operator: string, inputs: readonly string[], attributes = {}): void => {
      const output = values.name(`images/${operator.toLowerCase()}`);
      nodes.push(nodeOf(operator, [value, ...inputs], output, attributes));
      value = output;
    };
    if (type !== float32) add('Cast', [], { to: { i: float32 } });
    if (layout === 'nchw') add('Transpose', [], { perm: { ints: [0, 2, 3, 1] } });
    if (range !== '-1..1') {
      const scale = 2 / (high - low);
      add('Mul', [values.floats('images/scale', scale)]);
      add('Add', [values.floats('images/offset', -1 - low * scale)]);
    }
    if (!isBounded) add('Clip', [values.floats('images/least', -1), values.floats('images/most', 1)]);
    nodes.push(nodeOf('Identity', [value], 'images'));
    return { port: { name: 'images', type: float32, dims: [null, height, width, channels] }, nodes };
  };
}

/** The mapping followed by the synthesis, both with the package's inputs and outputs: `z` → `images`, with `w` in each of `layers`. */
export function joined(mapping: Network, synthesis: Network, layers: number): Network {
  const network: Network = {
    nodes: [...mapping.nodes, ...synthesis.nodes],
    initialisers: [...mapping.initialisers, ...synthesis.initialisers],
    inputs: mapping.inputs,
    outputs: synthesis.outputs,
    opset: Math.max(mapping.opset, synthesis.opset),
    domains: { ...mapping.domains, ...synthesis.domains },
  };
  const values = new NewValues(network);
  const row = values.name('w/row');
  const between = [
    nodeOf('Unsqueeze', ['w', values.ints('w/axes', [1])], row),
    nodeOf('Tile', [row, values.ints('w/repeats', [1, layers, 1])], 'styles'),
  ];
  return {
    ...network,
    nodes: [...mapping.nodes, ...between, ...synthesis.nodes],
    initialisers: [...network.initialisers, ...values.constants],
  };
}
