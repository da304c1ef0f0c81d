// `npm run bench -- grouped`: residual blocks with a grouped 3x3 convolution (R3GAN's: groups of 16 channels, twice as wide as the block)
// and with a plain one of as many parameters, in ONNX Runtime and in PyTorch. Prints milliseconds of the three convolutions, forward
// and both gradients, by size; the ratios are what counts.
import * as ort from 'onnxruntime-node';
import { fileURLToPath } from 'node:url';
import { findBlockSize } from '../../trainer/engine/block-size.ts';
import { openSession } from '../../trainer/engine/onnx-session.ts';
import { blockedConvolution } from '../../trainer/graph/lower/context.ts';
import { elementType, encodeModel, type OnnxAttribute } from '../../trainer/graph/lower/onnx-schema.ts';
import { sizeOf } from '../../trainer/graph/trace/graph.ts';
import { held } from '../../trainer/held.ts';
import { option, readFlags, text, toggle, wholeNumber } from '../flags.ts';
import { median } from './median.ts';
import { findPytorch, Peer } from './peer.ts';

const flags = readFlags({
  'with-pytorch': toggle,
  python: option(text),
  batch: option(wholeNumber(), '64'),
  threads: option(wholeNumber(), '2'),
  runs: option(wholeNumber(), '7'),
  json: toggle,
});

/** One convolution of stride 1. */
interface Convolution {
  readonly side: number;
  readonly from: number;
  readonly to: number;
  readonly kernel: number;
  readonly groups: number;
}

const parts = ['forward', 'inputGradient', 'filterGradient'] as const;
type Part = (typeof parts)[number];
const groupSize = 16;

const block = await findBlockSize();

/** An ONNX file of one convolution, and its input's, filter's and output's shapes. */
function modelOf({ side, from, to, kernel, groups }: Convolution, part: Part) {
  const { batch } = flags;
  const pad = (kernel - 1) / 2;
  const isBlocked = block !== null && (from / groups) % block === 0 && (to / groups) % block === 0;
  let operator = isBlocked ? blockedConvolution : 'Conv';
  let [x, filter, y] = [
    [batch, from, side, side],
    [to, from / groups, kernel, kernel],
    [batch, to, side, side],
  ];
  let attributes: Record<string, OnnxAttribute> = {
    kernel_shape: { ints: [kernel, kernel] },
    pads: { ints: [pad, pad, pad, pad] },
    group: { i: groups },
  };
  if (part === 'inputGradient') {
    [x, y] = [y, x];
    // At stride 1 a blocked transposed convolution is a convolution with the turned filter.
    if (isBlocked) filter = [from, to / groups, kernel, kernel];
    else operator = 'ConvTranspose';
  } else if (part === 'filterGradient') {
    // One image a block or group, as the lowering makes it (graph/lower/rules/products.ts).
    const merged = groups > 1 ? from / groups : isBlocked ? block : from;
    const images = groups > 1 ? 1 : from / merged;
    operator = 'Conv';
    x = [images, groups * batch, side, side * merged];
    filter = [to, batch, side, side];
    y = [images, to, kernel, kernel * merged];
    attributes = {
      kernel_shape: { ints: [side, side] },
      dilations: { ints: [1, merged] },
      pads: { ints: [pad, pad * merged, pad, pad * merged] },
      group: { i: groups },
    };
  }
  const info = (name: string, dims: readonly number[]) => ({
    name,
    dims,
    elementType: elementType.float32,
  });
  const bytes = encodeModel({
    name: part,
    nodes: [{ op_type: operator, name: part, input: ['x', 'filter'], output: ['y'], attributes }],
    initialisers: [],
    inputs: [info('x', x), info('filter', filter)],
    outputs: [info('y', y)],
    metadata: {},
  });
  return { bytes, shapes: { x, filter, y } };
}

/** Median milliseconds in ONNX Runtime. */
async function inOnnxRuntime(convolution: Convolution, part: Part): Promise<number> {
  const { bytes, shapes } = modelOf(convolution, part);
  await using session = held(await openSession(bytes, { provider: 'cpu', threads: flags.threads }));
  const tensor = (dims: readonly number[]): ort.Tensor =>
    new ort.Tensor('float32', new Float32Array(sizeOf(dims)).fill(0.01), [...dims]);
  const feeds = { x: tensor(shapes.x), filter: tensor(shapes.filter) };
  const fetches = { y: tensor(shapes.y) };
  const times: number[] = [];
  for (let i = -2; i < flags.runs; i++) {
    const started = performance.now();
    await session.run(feeds, fetches);
    if (i >= 0) times.push(performance.now() - started);
  }
  return median(times);
}

/** The three convolutions of a block of `width` channels, the middle one with `inner` channels. */
function blockOf(side: number, width: number, inner: number, groups: number): readonly Convolution[] {
  return [
    { side, from: width, to: inner, kernel: 1, groups: 1 },
    { side, from: inner, to: inner, kernel: 3, groups },
    { side, from: inner, to: width, kernel: 1, groups: 1 },
  ];
}

const parametersOf = (convolutions: readonly Convolution[]): number =>
  convolutions.reduce((sum, { from, to, kernel, groups }) => sum + (kernel ** 2 * from * to) / groups, 0);

/** The inner width of a plain block with about as many parameters, a multiple of 16. */
function equalWidth(width: number, parameters: number): number {
  const exact = (Math.sqrt(width ** 2 + 9 * parameters) - width) / 9;
  return Math.max(groupSize, groupSize * Math.round(exact / groupSize));
}

const python = findPytorch(flags.python, flags['with-pytorch']);
const peer =
  python === null
    ? null
    : new Peer(python, [
        fileURLToPath(new URL('../../../scripts/bench/pytorch_grouped.py', import.meta.url)),
        JSON.stringify({ batch: flags.batch, threads: flags.threads, runs: flags.runs }),
      ]);
if (peer !== null) await peer.answer();

const engines = ['onnx', ...(peer === null ? [] : ['pytorch', 'pytorch channels_last'])] as const;
const results = [];
const say = (line: string): void => {
  if (!flags.json) console.log(line);
};
say(
  `batch ${flags.batch}, ${flags.threads} threads; ms forward / input gradient / filter gradient, and of all three`,
);
for (const [width, side] of [
  [32, 64],
  [64, 32],
  [128, 16],
  [256, 8],
  [256, 4],
] as const) {
  const grouped = blockOf(side, width, 2 * width, (2 * width) / groupSize);
  const plain = blockOf(side, width, equalWidth(width, parametersOf(grouped)), 1);
  say(
    `\n${side}x${side}, ${width} channels: ${parametersOf(grouped)} parameters grouped, ${parametersOf(plain)} plain`,
  );
  for (const engine of engines) {
    const totals: number[] = [];
    for (const [kind, convolutions] of Object.entries({ grouped, plain })) {
      const times: number[] = [];
      for (const part of parts) {
        let sum = 0;
        for (const convolution of convolutions) {
          sum +=
            engine === 'onnx'
              ? await inOnnxRuntime(convolution, part)
              : (
                  await peer!.ask<{ milliseconds: number }>({
                    ...convolution,
                    part,
                    isChannelsLast: engine.endsWith('channels_last'),
                  })
                ).milliseconds;
        }
        times.push(sum);
      }
      const total = times.reduce((sum, time) => sum + time, 0);
      totals.push(total);
      results.push({
        engine,
        kind,
        side,
        width,
        parameters: parametersOf(convolutions),
        milliseconds: times,
      });
      say(
        `${engine.padEnd(24)}${kind.padEnd(10)}${times.map((time) => time.toFixed(1).padStart(8)).join('')}${total.toFixed(1).padStart(10)}`,
      );
    }
    say(`${''.padEnd(24)}grouped takes ${(totals[0]! / totals[1]!).toFixed(2)} times as long`);
  }
}
peer?.close();
if (flags.json) console.log(JSON.stringify({ ...flags, results }));
