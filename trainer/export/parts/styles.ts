// The two halves of a style-based generator as files, so that a page can mix styles and bring them nearer to the mean; and the gate
// that both pass.
import { basename } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import { conditionColumns, conditionName } from '../../../runtime-web/format/condition.ts';
import type { ParityFigure } from '../../../runtime-web/format/model.ts';
import { joinCondition } from '../../training/conditioning.ts';
import type { Engine } from '../../engine/engine.ts';
import { writeAtomically, writeFully } from '../../files/atomic-file.ts';
import type { HostTensor, TensorSpec } from '../../graph/trace/graph.ts';
import type { TrainingPlan } from '../../training/plan.ts';
import type { FrozenGenerator, FrozenStyles } from '../../frozen/frozen-networks.ts';
import { gateNetwork, type NetworkGateRequest } from '../gates/network-gate.ts';
import { ExportError } from '../../model-package/export-error.ts';
import { encodeNetwork } from '../onnx-network.ts';
import { tolerancesFor, type Latents, type Tolerances } from '../gates/parity-gate.ts';

/** What the files are made of. */
export interface StyleFilesOptions {
  /** The graphs' name in the files. */
  readonly name: string;
  readonly generator: FrozenGenerator;
  readonly styles: FrozenStyles;
  readonly plan: TrainingPlan;
  /** Holds the checkpoint's state, and computes the styles that the mapping must give. */
  readonly engine: Engine;
  readonly latents: Latents;
  /** What the engine drew for those latents. */
  readonly images: HostTensor;
  readonly paths: { readonly mapping: string; readonly synthesis: string };
  readonly metadata: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly onWarning: (message: string) => void;
}

/** Styles as a share of the largest number in them. */
const styleTolerances = { float32: 1e-4, float16: 1e-2 } as const;

/**
 * Writes both, with weights in half precision where that draws the same pictures: `z` and the condition → `w` [n, dim], and `styles` [n, layers, dim] → `images`. Throws
 * ExportError where the mapping differs from the engine's, or the pictures of the engine's styles from the engine's pictures.
 */
export async function writeStyles(options: StyleFilesOptions): Promise<readonly ParityFigure[]> {
  const { engine, latents, signal } = options;
  const against = `checkpoint on ${engine.name}`;
  const w = await mapOnEngine(options);
  const ofMapping = await writeGated(
    options,
    'mapping',
    styleTolerances,
    (isHalf) => encodeMapping(options, isHalf),
    {
      inputs: latents.inputs,
      reference: { w },
      ...{ against, isRelative: true, signal },
    },
  );
  const ofSynthesis = await writeGated(
    options,
    'synthesis',
    tolerancesFor(options.generator),
    (isHalf) => encodeSynthesis(options, isHalf),
    {
      inputs: { styles: repeated(w, options.styles.layers.length) },
      reference: { images: options.images },
      ...{ against, isRelative: false, signal },
    },
  );
  return [...ofMapping, ...ofSynthesis];
}

/** Writes a file with weights in half precision, or, where those draw something else, in full. */
async function writeGated(
  { paths, onWarning }: StyleFilesOptions,
  role: 'mapping' | 'synthesis',
  { float16, float32 }: Tolerances,
  encode: (isHalf: boolean) => Uint8Array,
  gate: Omit<NetworkGateRequest, 'role' | 'file' | 'tolerance'>,
): Promise<readonly ParityFigure[]> {
  const file = paths[role];
  await write(file, encode(true));
  try {
    return await gateNetwork({ ...gate, role, file, tolerance: float16 });
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    onWarning(`${basename(file)} has its weights in full precision: in half, ${error.message}`);
  }
  await write(file, encode(false));
  return gateNetwork({ ...gate, role, file, tolerance: float32 });
}

async function mapOnEngine({ plan, engine, latents }: StyleFilesOptions): Promise<HostTensor> {
  const count = latents.inputs['z']!.shape[0]!;
  const map = await engine.compile(plan.mapStyles!, plan.sampleInputs(count));
  try {
    return (await map.run(latents.inputs))['w']!;
  } finally {
    await map.dispose();
  }
}

function encodeMapping(
  { name, generator, styles, latents, metadata }: StyleFilesOptions,
  isHalf: boolean,
): Uint8Array {
  const { latentDim, conditioning } = latents;
  const condition = conditioning && conditionName(conditioning);
  return encodeNetwork({
    ...{ name: `${name} mapping`, metadata, isHalf },
    parameters: within(generator, (key) => key.startsWith('generator/mapping/')),
    inputsAt: (batch): Record<string, TensorSpec> => ({
      z: { shape: [batch, latentDim], dtype: 'float32' },
      ...(condition !== null && {
        [condition]: { shape: [batch, conditionColumns(conditioning)], dtype: 'float32' },
      }),
    }),
    compute(parameters, inputs) {
      const given: tf.Tensor | null = condition === null ? null : inputs[condition]!;
      return { w: styles.map(parameters, joinCondition(inputs['z']!, given)) };
    },
  });
}

function encodeSynthesis(
  { name, metadata, generator, styles }: StyleFilesOptions,
  isHalf: boolean,
): Uint8Array {
  return encodeNetwork({
    ...{ name: `${name} synthesis`, metadata, isHalf },
    parameters: within(generator, (key) => !key.startsWith('generator/mapping/')),
    inputsAt: (batch): Record<string, TensorSpec> => ({
      styles: { shape: [batch, styles.layers.length, styles.dim], dtype: 'float32' },
    }),
    compute: (parameters, inputs) => ({ images: styles.synthesise(parameters, inputs['styles']!) }),
  });
}

function within({ parameters }: FrozenGenerator, isWanted: (name: string) => boolean) {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => isWanted(name)));
}

/** w [n, dim] for each of so many layers: [n, layers, dim]. */
function repeated({ shape, data }: HostTensor, layers: number): HostTensor {
  const [n, dim] = shape as [number, number];
  const styles = new Float32Array(n * layers * dim);
  for (let i = 0; i < n * layers; i++) {
    const row = Math.floor(i / layers);
    styles.set(data.subarray(row * dim, (row + 1) * dim) as Float32Array, i * dim);
  }
  return { shape: [n, layers, dim], dtype: 'float32', data: styles };
}

function write(path: string, bytes: Uint8Array): Promise<void> {
  return writeAtomically(path, (file) => writeFully(file, bytes));
}
