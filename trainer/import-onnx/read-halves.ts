// A pair of files that are the two halves of a style-based generator: mapping, z → style, and synthesis, styles → images.
import type { HostTensor } from '../graph/trace/graph.ts';
import { seedInputs } from '../../runtime-web/format/training/seed-inputs.ts';
import { findImage, toContract } from './find-image.ts';
import { describe, findInputs } from './find-inputs.ts';
import type { NetworkFile, Port } from './network.ts';
import type { Outputs } from './run-source.ts';
import {
  asRenamed,
  conditioningOf,
  inputBridges,
  portNamed,
  prepared,
  runUntouched,
  setInputs,
  sourceInputs,
  tolerancesOf,
  type Answers,
  type SourceGenerator,
} from './source.ts';
import { withFreeBatch } from './trial-run.ts';
import { imagesBridge, joined, styleBridge, stylesBridge, wrap } from './wrap.ts';

/** Reads a mapping and a synthesis network. Throws Error, with the reason, for files that cannot be imported or do not fit together. */
export async function readHalves(
  [mappingFile, synthesisFile]: readonly [NetworkFile, NetworkFile],
  answers: Answers,
  seeds: readonly number[],
  signal: AbortSignal,
): Promise<SourceGenerator> {
  const found = findInputs(mappingFile.network, answers);
  const { latent, classes } = found;
  const conditioning = conditioningOf(found, answers.classNames);
  const model = { latent: { dim: latent.dim, distribution: answers.distribution }, conditioning };
  const inputs = seedInputs(model, seeds);
  const count = seeds.length;
  const given = sourceInputs(mappingFile, found, inputs, answers);
  const mapped = await runUntouched(mappingFile, given, count, found.batch, signal);
  const [stylePort, other] = synthesisFile.network.inputs.filter(({ name }) => !answers.set.has(name));
  if (stylePort === undefined || other !== undefined || ![2, 3].includes(stylePort.dims?.length ?? 0)) {
    const list = synthesisFile.network.inputs.map(describe).join(', ');
    throw new Error(
      `the synthesis network takes ${list || 'no input'}, expected one: styles [n, layers, size]`,
    );
  }
  const isFlat = stylePort.dims!.length === 2;
  const style = findStyle(mapped.outputs, stylePort);
  const dim = style.shape.at(-1)!;
  const layers = isFlat ? 1 : (stylePort.dims![1] ?? (style.shape.length === 3 ? style.shape[1]! : null));
  if (layers === null) {
    throw new Error(`the number of layers of ${describe(stylePort)} is not in the synthesis network's file`);
  }
  const w = firstRows(style.tensor);
  const repeated = repeatedRows(w, layers);
  const batch = stylePort.dims![0] ?? null;
  const shape = isFlat ? [dim] : [layers, dim];
  const { outputs, runtime } = await runUntouched(
    synthesisFile,
    [
      { port: stylePort, shape, values: repeated.data as Float32Array },
      ...setInputs(synthesisFile.network, answers.set),
    ],
    count,
    batch,
    signal,
  );
  const [mapping, synthesis] = [
    prepared(mappingFile, answers, 'mapping'),
    prepared(synthesisFile, answers, 'synthesis'),
  ];
  const image = findImage(synthesis, asRenamed(outputs, synthesis.rename), {
    ...answers,
    imageOutput: answers.imageOutput && synthesis.rename(answers.imageOutput),
  });
  const images = toContract(asRenamed(outputs, synthesis.rename)[image.name]!, image);
  const port = portNamed(synthesis.outputs, image.name);
  const tolerances = tolerancesOf([mappingFile, synthesisFile], port);
  const tolerance = tolerances.float32;
  const wrappedMapping = await withFreeBatch(
    wrap(mapping, inputBridges(found, mapping), [
      styleBridge(dim, style.shape.length === 3, mapping.rename(style.name)),
    ]),
    found.batch,
    { inputs, output: 'w', values: w, tolerance, isRelative: true },
  );
  const wrappedSynthesis = await withFreeBatch(
    wrap(
      synthesis,
      [stylesBridge(layers, dim, isFlat, synthesis.rename(stylePort.name))],
      [imagesBridge(image, port.type, image.name)],
    ),
    batch,
    { inputs: { styles: repeated }, output: 'images', values: images, tolerance, isRelative: false },
  );
  return {
    generator: joined(wrappedMapping, wrappedSynthesis, layers),
    ...{ latentDim: latent.dim, conditioning, image, inputs, images, runtime, tolerances },
    halves: {
      ...{ mapping: wrappedMapping, synthesis: wrappedSynthesis, w, repeated },
      styles: { dim, layers: resolutionsOf(layers, Math.min(image.width, image.height)) },
    },
    found: {
      opset: synthesisFile.network.opset,
      latent: describe(latent.port),
      ...(classes !== null && { classes: describe(classes.port) }),
      styles: describe(stylePort),
      layout: image.layout,
      range: image.range,
    },
  };
}

/** The mapping's output that fits the synthesis network: [n, dim], or [n, layers, dim] with equal rows. */
function findStyle(outputs: Outputs, port: Port) {
  const size = port.dims!.at(-1) ?? null;
  const fitting = Object.entries(outputs).filter(
    ([, { shape }]) => [2, 3].includes(shape.length) && (size === null || shape.at(-1) === size),
  );
  const [found] = fitting;
  if (found === undefined) {
    const list = Object.entries(outputs).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
    throw new Error(
      `the mapping network gives ${list.join(', ')}, and the synthesis network takes ${describe(port)}; ` +
        'give the mapping network first and the synthesis network second',
    );
  }
  const [name, tensor] = found;
  const { shape, data } = tensor;
  if (shape.length === 3) {
    const [count, layers, dim] = shape as [number, number, number];
    for (let i = 0; i < count * layers * dim; i++) {
      const first = Math.floor(i / (layers * dim)) * layers * dim + (i % dim);
      if (data[i] !== data[first])
        throw new Error(`the rows of the mapping network's '${name}' differ, expected one style`);
    }
  }
  return { name, tensor, shape };
}

/** [n, dim], or the first rows of [n, layers, dim]. */
function firstRows({ shape, data }: HostTensor): HostTensor {
  const [count, dim] = [shape[0]!, shape.at(-1)!];
  const step = data.length / count;
  const rows = new Float32Array(count * dim);
  for (let n = 0; n < count; n++) rows.set(data.slice(n * step, n * step + dim), n * dim);
  return { shape: [count, dim], dtype: 'float32', data: rows };
}

/** [n, dim] as [n, layers, dim]. */
function repeatedRows({ shape, data }: HostTensor, layers: number): HostTensor {
  const [count, dim] = shape as [number, number];
  const all = new Float32Array(count * layers * dim);
  for (let i = 0; i < count * layers; i++) {
    const from = Math.floor(i / layers) * dim;
    all.set(data.slice(from, from + dim), i * dim);
  }
  return { shape: [count, layers, dim], dtype: 'float32', data: all };
}

/**
 * The resolution of each layer, which files do not say: they double from 4 to `size`, each for as many layers. That is StyleGAN's own
 * division into two layers for each resolution.
 */
function resolutionsOf(layers: number, size: number): readonly number[] {
  const doublings = Math.max(1, Math.floor(Math.log2(size)) - 1);
  return Array.from({ length: layers }, (_, i) =>
    Math.min(size, 2 ** (2 + Math.floor((i * doublings) / layers))),
  );
}
