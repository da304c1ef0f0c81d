// The two networks of a style-based generator as files of their own, so that a page can mix styles and truncate them towards the
// mean style (Karras 2018, section 3.1 and appendix B).
import { conditionColumns, conditionName } from '../../../runtime-web/format/condition.ts';
import type { ParityFigure } from '../../../runtime-web/format/model.ts';
import { packageFiles } from '../../../runtime-web/format/package-files.ts';
import type { FrozenGenerator, FrozenStyles } from '../../frozen/frozen-networks.ts';
import type { HostTensor, TensorSpec } from '../../graph/trace/graph.ts';
import { ExportError } from '../../model-package/export-error.ts';
import { joinCondition } from '../../training/conditioning.ts';
import { gateNetwork, type NetworkGateRequest } from '../gates/network-gate.ts';
import type { Tolerances } from '../gates/parity-gate.ts';
import { encodeNetwork } from '../onnx-network.ts';
import type { Part, PartContext } from './part.ts';
import { held } from '../../held.ts';

/** Upper limits of the differences of styles, relative to the largest magnitude. */
export const styleTolerances = { float32: 1e-4, float16: 1e-2 } as const;

/**
 * Writes `mapping.onnx` and `synthesis.onnx` of a style-based generator: `z` and the condition → `w` [n, dim], and `styles`
 * [n, layers, dim] → `images`. Both are compared with the checkpoint; the synthesis receives the styles that the engine computed.
 */
export const styles: Part = {
  roles: ['mapping', 'synthesis'],
  async write(context, { reference }) {
    const { engine, generator, latents, tolerances, signal, onProgress } = context;
    const { styles: frozen } = generator;
    if (frozen === undefined) return { figures: [] };
    const { mapping, synthesis } = packageFiles;
    onProgress(`comparing ${mapping.file} and ${synthesis.file} with the checkpoint`);
    const against = `checkpoint on ${engine.name}`;
    const w = await mapOnEngine(context);
    const ofMapping = await writeGated(
      context,
      styleTolerances,
      (isHalf) => encodeMapping(context, frozen, isHalf),
      { role: 'mapping', inputs: latents.inputs, reference: { w }, against, isRelative: true, signal },
    );
    const ofSynthesis = await writeGated(
      context,
      tolerances,
      (isHalf) => encodeSynthesis(context, frozen, isHalf),
      {
        role: 'synthesis',
        inputs: { styles: repeated(w, frozen.layers.length) },
        reference: { images: reference.images },
        against,
        isRelative: false,
        signal,
      },
    );
    const { dim, layers, mean } = frozen;
    return { figures: [...ofMapping, ...ofSynthesis], fields: { styles: { dim, layers, mean } } };
  },
};

/** Writes a file with weights in half precision; if that changes its outputs too much, in float32 and with a warning. */
export async function writeGated(
  { write, onWarning }: Pick<PartContext, 'write' | 'onWarning'>,
  { float16, float32 }: Tolerances,
  encode: (isHalf: boolean) => Uint8Array,
  gate: Omit<NetworkGateRequest, 'file' | 'tolerance'>,
): Promise<readonly ParityFigure[]> {
  const { role } = gate;
  const half = await write(role, encode(true));
  try {
    return await gateNetwork({ ...gate, file: half, tolerance: float16 });
  } catch (error) {
    if (!(error instanceof ExportError)) throw error;
    const { file } = packageFiles[role];
    onWarning(`${file} has its weights in full precision: in half, ${error.message}`);
  }
  return gateNetwork({ ...gate, file: await write(role, encode(false)), tolerance: float32 });
}

/** The styles w [n, dim] of the context's latents, from the unfolded mapping on the training engine. */
async function mapOnEngine({ plan, engine, latents }: PartContext): Promise<HostTensor> {
  const count = latents.inputs['z']!.shape[0]!;
  await using map = held(await engine.compile(plan.mapStyles!, plan.sampleInputs(count)));
  return (await map.run(latents.inputs))['w']!;
}

function encodeMapping(
  { name, generator, latents, metadata }: PartContext,
  frozen: FrozenStyles,
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
      const given = condition === null ? null : inputs[condition]!;
      return { w: frozen.map(parameters, joinCondition(inputs['z']!, given)) };
    },
  });
}

function encodeSynthesis(
  { name, generator, metadata }: PartContext,
  frozen: FrozenStyles,
  isHalf: boolean,
): Uint8Array {
  return encodeNetwork({
    ...{ name: `${name} synthesis`, metadata, isHalf },
    parameters: within(generator, (key) => !key.startsWith('generator/mapping/')),
    inputsAt: (batch): Record<string, TensorSpec> => ({
      styles: { shape: [batch, frozen.layers.length, frozen.dim], dtype: 'float32' },
    }),
    compute: (parameters, inputs) => ({ images: frozen.synthesise(parameters, inputs['styles']!) }),
  });
}

/** The parameters with a wanted name. */
function within({ parameters }: FrozenGenerator, isWanted: (name: string) => boolean) {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => isWanted(name)));
}

/** w [n, dim], repeated for each layer: [n, layers, dim]. */
function repeated({ shape, data }: HostTensor, layers: number): HostTensor {
  const [n, dim] = shape as [number, number];
  const each = new Float32Array(n * layers * dim);
  for (let i = 0; i < n * layers; i++) {
    const row = Math.floor(i / layers);
    each.set(data.subarray(row * dim, (row + 1) * dim) as Float32Array, i * dim);
  }
  return { shape: [n, layers, dim], dtype: 'float32', data: each };
}
