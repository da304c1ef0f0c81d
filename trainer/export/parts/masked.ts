// The generator with a mask for each layer as inputs and activations as outputs, for pages that switch filters off.
import { conditionAmong } from '../../../runtime-web/format/condition.ts';
import type { ParityFigure } from '../../../runtime-web/format/model.ts';
import { packageFiles } from '../../../runtime-web/format/package-files.ts';
import { Random } from '../../../runtime-web/format/random.ts';
import type { StateFunction } from '../../engine/engine.ts';
import type { HostTensor } from '../../graph/trace/graph.ts';
import { refuseWithout } from '../../run/trained-run.ts';
import { insideOf } from '../../training/architectures/table.ts';
import { joinCondition } from '../../training/conditioning.ts';
import { gateNetwork, runOnce } from '../gates/network-gate.ts';
import { encodeGenerator, maskName, multiplied } from '../onnx-generator.ts';
import type { Part, PartContext } from './part.ts';

/** Writes `masked.onnx` and compares it with the checkpoint. */
export const masked: Part = {
  roles: ['masked'],
  refuse: (run, flag) => refuseWithout('masks', run, flag),
  async write(context) {
    context.onProgress(`comparing ${packageFiles.masked.file} with the checkpoint`);
    return { figures: await writeMasked(context) };
  },
};

/** Upper limit of the difference of images in [-1, 1], as for the generator's own half-precision file. */
const tolerance = 2 / 255;

/**
 * Writes the file, with weights in half precision, and compares it with the unfolded generator: half of the images with all
 * filters on, half with a fifth of each layer's filters off. Throws ExportError if they differ.
 */
export async function writeMasked({
  config,
  engine,
  generator,
  latents: { inputs: given, latentDim, conditioning },
  name,
  metadata,
  signal,
  write,
}: Pick<
  PartContext,
  'config' | 'engine' | 'generator' | 'latents' | 'name' | 'metadata' | 'signal' | 'write'
>): Promise<readonly ParityFigure[]> {
  const inside = insideOf(config);
  const layers = inside.layers(config).generator;
  const count = given['z']!.shape[0]!;
  const random = new Random(1);
  const masks = Object.fromEntries(
    layers.map(({ name: layer, filters: channels }) => {
      const data = Float32Array.from({ length: count * channels }, (_, i) =>
        i < (count / 2) * channels ? 1 : Number(random.uniform() < 0.8),
      );
      return [maskName(layer), { shape: [count, channels], dtype: 'float32', data } satisfies HostTensor];
    }),
  );
  const unfolded: StateFunction = (held, { z, ...others }) => ({
    outputs: {
      images: inside.generate(
        config,
        conditioning,
        held,
        joinCondition(z!, conditionAmong(others)),
        (layer, activation) => multiplied(activation, others[maskName(layer)]!),
      ),
    },
  });
  const inputs = { ...given, ...masks };
  const reference = await runOnce(engine, unfolded, inputs);
  const bytes = encodeGenerator(generator, {
    name,
    latentDim,
    conditioning,
    isHalf: true,
    withLayers: true,
    masked: Object.fromEntries(layers.map(({ name: layer, filters }) => [layer, filters])),
    metadata,
  });
  return gateNetwork({
    role: 'masked',
    file: await write('masked', bytes),
    inputs,
    reference,
    against: `checkpoint on ${engine.name}`,
    isRelative: false,
    tolerance,
    signal,
  });
}
