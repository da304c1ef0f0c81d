// The discriminator as a file, for pages that show its predictions. Batch norm is folded with statistics of real images, and logits are
// calibrated.
import { type ImageShape } from '../../../runtime-web/format/image-shape.ts';
import { imageShape } from '../../config/image-size.ts';
import { conditionColumns, labelsName } from '../../../runtime-web/format/condition.ts';
import type { Conditioning, ParityFigure } from '../../../runtime-web/format/model.ts';
import { packageFiles } from '../../../runtime-web/format/package-files.ts';
import type { StateFunction } from '../../engine/engine.ts';
import { calibratedDiscriminator } from '../../frozen/calibrated-discriminator.ts';
import type { FrozenDiscriminator } from '../../frozen/frozen-networks.ts';
import type { PlattScaling } from '../../frozen/platt-scaling.ts';
import type { HostTensor, TensorSpec } from '../../graph/trace/graph.ts';
import { refuseWithout } from '../../run/trained-run.ts';
import { insideOf } from '../../training/architectures/table.ts';
import { shownLabels } from '../../training/conditioning.ts';
import { gateNetwork, runOnce } from '../gates/network-gate.ts';
import { magnitude } from '../gates/parity-gate.ts';
import type { DiscriminatorInputs } from '../image-inputs.ts';
import { encodeNetwork } from '../onnx-network.ts';
import { fromImages, sayCalibration, type Part, type PartContext } from './part.ts';

/** Writes `discriminator.onnx` and compares it with the checkpoint. */
export const discriminator: Part = {
  roles: ['discriminator'],
  needs: 'discriminator',
  refuse: (run, flag) => refuseWithout('discriminator', run, flag),
  async write(context) {
    const inputs = fromImages(context, 'discriminator');
    const { file } = packageFiles.discriminator;
    sayCalibration(context, inputs, file, 'whose sigmoid may not be a probability');
    context.onProgress(`comparing ${file} with the checkpoint`);
    const { conditioning } = context.plan;
    const figures = await writeDiscriminator({ ...context, conditioning }, inputs);
    return { figures, fields: { calibration: inputs.calibration } };
  },
};

/** Upper limits of the differences, relative to the largest magnitude of each output. */
const tolerances = { float32: 1e-4, float16: 1e-2 } as const;

/** The part of the export that the file is written from. */
interface WrittenRun extends Pick<
  PartContext,
  'config' | 'engine' | 'state' | 'name' | 'metadata' | 'signal' | 'write'
> {
  /** Default: null. */
  readonly conditioning?: Conditioning;
}

/**
 * Writes the file and compares it with the unfolded discriminator, first with weights in float32, then again in half precision,
 * which stays. Throws ExportError if one of them differs.
 */
export async function writeDiscriminator(
  { config, conditioning = null, engine, state, name, metadata, signal, write }: WrittenRun,
  { statistics, compared: inputs, calibration }: Omit<DiscriminatorInputs, 'complaint'>,
): Promise<readonly ParityFigure[]> {
  const inside = insideOf(config);
  const { width, height, channels } = imageShape(config);
  const unfolded: StateFunction = (held, { images: x, ...given }) => ({
    outputs: inside.discriminate(config, conditioning, held, x!, given),
  });
  const raw = await runOnce(engine, unfolded, { ...inputs, ...statistics });
  const frozen = inside.freezeDiscriminator(config, state, statistics, conditioning);
  const folded = calibration === null ? frozen : calibratedDiscriminator(frozen, calibration);
  const reference = calibration === null ? raw : { ...raw, logits: scaled(raw['logits']!, calibration) };
  // An offset adds to the logits' magnitude or takes from it, but not to their error.
  const units = calibration && { logits: calibration.scale * magnitude(raw['logits']!) };
  const gate = async (isHalf: boolean): Promise<readonly ParityFigure[]> =>
    gateNetwork({
      role: 'discriminator',
      file: await write(
        'discriminator',
        encodeDiscriminator(folded, { name, width, height, channels, conditioning, metadata, isHalf }),
      ),
      inputs,
      reference,
      against: `checkpoint on ${engine.name}`,
      isRelative: true,
      ...(units && { units }),
      tolerance: isHalf ? tolerances.float16 : tolerances.float32,
      signal,
    });
  await gate(false);
  return gate(true);
}

/** Raw logits [n] as the calibrated file returns them. */
function scaled(logits: HostTensor, { scale, offset }: PlattScaling): HostTensor {
  return { ...logits, data: Float32Array.from(logits.data, (logit) => scale * logit + offset) };
}

/** Options of {@link encodeDiscriminator}. */
export interface DiscriminatorFileOptions extends ImageShape {
  /** Default: null. */
  readonly conditioning?: Conditioning;
  /** Name of the graph in the file. */
  readonly name: string;
  /** Store weights in half precision and cast them to float32 before use: half the bytes, the same arithmetic. */
  readonly isHalf: boolean;
  /** Key-value pairs for the file's metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * The bytes of `discriminator.onnx`: `images` [n, height, width, channels] in [-1, 1] and, for a model of classes, attributes
 * or numbers, `labels` or `condition` as the generator has them → `logits` [n], positive for real, and the activations of each block, `discriminator/block1` [n, h, w, c] and so on; all float32. Throws Error if the discriminator cannot
 * be recorded or lowered.
 */
export function encodeDiscriminator(
  frozen: FrozenDiscriminator,
  { width, height, channels, conditioning = null, ...rest }: DiscriminatorFileOptions,
): Uint8Array {
  const labels = labelsName(conditioning);
  return encodeNetwork({
    ...rest,
    parameters: frozen.parameters,
    inputsAt: (batch): Record<string, TensorSpec> => ({
      images: { shape: [batch, height, width, channels], dtype: 'float32' },
      ...(labels !== null && {
        [labels]: { shape: [batch, conditionColumns(conditioning)], dtype: 'float32' },
      }),
    }),
    compute: (parameters, { images, ...given }) =>
      frozen.layers(parameters, images!, { labels: shownLabels(conditioning, given) }),
  });
}
