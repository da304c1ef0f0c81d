// Brings a network's operators to the opset that this project writes. Operators whose attributes or meaning changed on the way are
// rewritten (https://github.com/onnx/onnx/blob/main/docs/Changelog.md); the others are the same in both.
import { opsetVersion } from '../graph/lower/onnx-schema.ts';
import { isOnnxDomain, type Network, type NetworkNode } from './network.ts';
import { attributeOf, NewValues, nodeOf, textOf, withAttributes, without } from './new-values.ts';

/** Rewrites one node of a file of `opset`; the results compute the node's outputs. Throws Error for a node that cannot be rewritten. */
type Rule = (node: NetworkNode, opset: number, values: NewValues) => readonly NetworkNode[];

/** The network with operators of {@link opsetVersion}; one with later operators is returned as it is. Throws Error, with the operator. */
export function upgradeOpset(network: Network): Network {
  const { opset } = network;
  const values = new NewValues(network);
  const nodes = network.nodes.flatMap((node) => {
    const rule = isOnnxDomain(node.domain) ? rules[node.op_type] : undefined;
    return rule === undefined ? [node] : rule(node, opset, values);
  });
  return {
    ...network,
    nodes,
    initialisers: [...network.initialisers, ...values.constants],
    opset: Math.max(opset, opsetVersion),
  };
}

/** Moves an attribute with a list of whole numbers to the input at `at`, for files below opset `since`. */
function listToInput(name: string, at: number, since: number): Rule {
  return (node, opset, values) => {
    const list = attributeOf(node, name)?.ints;
    if (opset >= since || list === undefined) return [node];
    return [withInput(without(node, name), at, values.ints(`${node.output[0]}/${name}`, list))];
  };
}

/** The node with `value` as its input at `at`; inputs before it that are missing are left out. */
function withInput(node: NetworkNode, at: number, value: string): NetworkNode {
  const input = Array.from({ length: Math.max(node.input.length, at + 1) }, (_, i) => node.input[i] ?? '');
  input[at] = value;
  return { ...node, input };
}

/** Softmax and its like: before opset 13 they worked on a matrix, with all axes from `axis` on as columns. */
const ofMatrix: Rule = (node, opset, values) => {
  const axis = attributeOf(node, 'axis')?.i ?? (opset < 13 ? 1 : -1);
  if (opset >= 13 || axis === -1) return [withAttributes(node, { axis: { i: axis } })];
  const [[x], [y]] = [node.input, node.output] as [string[], string[]];
  const [matrix, result, shape] = ['matrix', 'result', 'shape'].map((part) => values.name(`${y}/${part}`));
  return [
    nodeOf('Flatten', [x!], matrix!, { axis: { i: axis } }),
    nodeOf(node.op_type, [matrix!], result!, { axis: { i: 1 } }),
    nodeOf('Shape', [x!], shape!),
    nodeOf('Reshape', [result!, shape!], y!),
  ];
};

/** Upsample, which became Resize in opset 10. */
const upsample: Rule = (node, _, values) => {
  const scales = attributeOf(node, 'scales')?.floats;
  const [x, given] = node.input;
  const input = scales === undefined ? given : values.floats(`${node.output[0]}/scales`, scales);
  const mode = textOf(node, 'mode') ?? 'nearest';
  return [resizeOf(mode, x!, input!, node.output[0]!)];
};

/** Resize in opset 10, without a region and with the meaning of Upsample. */
const resize: Rule = (node, opset) => {
  const transform = textOf(node, 'coordinate_transformation_mode');
  if (transform === 'tf_half_pixel_for_nn') throw new Error(`operator Resize with ${transform}`);
  if (opset >= 11) return [node];
  const [x, scales] = node.input;
  return [resizeOf(textOf(node, 'mode') ?? 'nearest', x!, scales!, node.output[0]!)];
};

function resizeOf(mode: string, x: string, scales: string, output: string): NetworkNode {
  return nodeOf('Resize', [x, '', scales], output, {
    mode: { s: mode },
    coordinate_transformation_mode: { s: 'asymmetric' },
    nearest_mode: { s: 'floor' },
  });
}

/** Clip, whose limits were attributes before opset 11. */
const clip: Rule = (node, opset, values) => {
  if (opset >= 11) return [node];
  let made = without(node, 'min', 'max');
  for (const [i, name] of ['min', 'max'].entries()) {
    const limit = attributeOf(node, name)?.f;
    if (limit !== undefined) made = withInput(made, i + 1, values.floats(`${node.output[0]}/${name}`, limit));
  }
  return [made];
};

/** Pad, whose widths and value were attributes before opset 11. */
const pad: Rule = (node, opset, values) => {
  if (opset >= 11) return [node];
  const [moved] = listToInput('pads', 1, 11)(node, opset, values);
  const value = values.floats(`${node.output[0]}/value`, attributeOf(node, 'value')?.f ?? 0);
  return [withInput(without(moved!, 'value'), 2, value)];
};

/** Slice, whose range was three attributes before opset 10. */
const slice: Rule = (node, opset, values) => {
  if (opset >= 10) return [node];
  const lists = ['starts', 'ends', 'axes'].map((name) => attributeOf(node, name)?.ints);
  lists[2] ??= lists[0]!.map((_, axis) => axis);
  const inputs = lists.map((list, i) => values.ints(`${node.output[0]}/slice-${i}`, list!));
  return [{ ...without(node, 'starts', 'ends', 'axes'), input: [node.input[0]!, ...inputs] }];
};

/** TopK, whose count was an attribute before opset 10. */
const topK: Rule = (node, opset, values) => {
  if (opset >= 10) return [node];
  const count = values.ints(`${node.output[0]}/k`, [attributeOf(node, 'k')?.i ?? 1]);
  return [withInput(without(node, 'k'), 1, count)];
};

/** Dropout drops nothing when it is not training. */
const dropout: Rule = (node) => {
  const [x, , training] = node.input;
  const [y, mask] = node.output;
  if (training !== undefined && training !== '')
    throw new Error('operator Dropout with an input for training');
  if (mask !== undefined && mask !== '') throw new Error('operator Dropout with a mask as output');
  return [nodeOf('Identity', [x!], y!)];
};

/** BatchNormalization with its stored statistics; in training it normalised by each batch. */
const batchNormalization: Rule = (node) => {
  const isTraining = attributeOf(node, 'training_mode')?.i === 1;
  if (isTraining || node.output.filter((name) => name !== '').length > 1) {
    throw new Error(
      'operator BatchNormalization in training mode, so that images depend on their batch; save it in evaluation mode',
    );
  }
  if (attributeOf(node, 'spatial')?.i === 0) throw new Error('operator BatchNormalization for each pixel');
  return [without({ ...node, output: node.output.slice(0, 1) }, 'spatial', 'training_mode')];
};

/** Split: its sizes became an input in opset 13, and its number of parts must be given since 18. */
const split: Rule = (node, opset, values) => {
  const [moved] = listToInput('split', 1, 13)(node, opset, values);
  if (opset >= 18 || (moved!.input[1] ?? '') !== '') return [moved!];
  return [withAttributes(moved!, { num_outputs: { i: node.output.length } })];
};

/** GridSample's modes were renamed in opset 20. */
const gridSample: Rule = (node, opset) => {
  if (opset >= 20) return [node];
  const mode = textOf(node, 'mode') ?? 'bilinear';
  return [withAttributes(node, { mode: { s: { bilinear: 'linear', bicubic: 'cubic' }[mode] ?? mode } })];
};

/** RoiAlign samples half a pixel further since opset 16, unless told otherwise. */
const roiAlign: Rule = (node, opset) =>
  opset >= 16
    ? [node]
    : [withAttributes(node, { coordinate_transformation_mode: { s: 'output_half_pixel' } })];

const refused: Rule = (node, opset) => {
  if (opset >= opsetVersion) return [node];
  throw new Error(`operator ${node.op_type} of opset ${opset}`);
};

const reductions = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'SumSquare'];

const rules: Readonly<Record<string, Rule>> = {
  Softmax: ofMatrix,
  LogSoftmax: ofMatrix,
  Hardmax: ofMatrix,
  Upsample: upsample,
  Resize: resize,
  Clip: clip,
  Pad: pad,
  Slice: slice,
  TopK: topK,
  Dropout: dropout,
  BatchNormalization: batchNormalization,
  Split: split,
  GridSample: gridSample,
  RoiAlign: roiAlign,
  Scatter: (node) => [{ ...node, op_type: 'ScatterElements' }],
  DFT: refused,
  Squeeze: listToInput('axes', 1, 13),
  Unsqueeze: listToInput('axes', 1, 13),
  ReduceSum: listToInput('axes', 1, 13),
  ...Object.fromEntries(reductions.map((name) => [`Reduce${name}`, listToInput('axes', 1, 18)])),
};
