// StyleGAN2's generator for inference: weights prepared on the host, with the squared weights that demodulation needs, and fixed noise.
import type { Conditioning } from '../../runtime-web/format/model.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { stateEntry } from './state-entry.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import { preparedName, preparedOnHost, squaresName, squaresOnHost } from '../networks/equalised.ts';
import { mapLatents } from '../networks/mapping.ts';
import {
  modulatedGeneratorParameters,
  modulatedLayers,
  modulatedSides,
  synthesiseModulated,
} from '../networks/modulated-generator.ts';
import { networkOptions } from '../networks/options.ts';
import { sampledPrefix } from '../networks/state.ts';
import { meanStyleName, noiseName } from '../networks/style-generator.ts';
import { frozenByStyles } from './freeze-style.ts';
import type { FrozenGenerator } from './frozen-networks.ts';

/** The generator with the weights for samples (EMA, if the run keeps one). Throws RangeError for a state that lacks an entry. */
export function freezeModulatedGenerator(
  config: TrainConfig,
  state: NamedHostTensors,
  conditioning: Conditioning = null,
): FrozenGenerator {
  const { generator: options } = networkOptions(config, conditioning);
  const entry = (name: string): HostTensor => stateEntry(state, name);
  const parameters: Record<string, HostTensor> = {};
  for (const [name, spec] of Object.entries(modulatedGeneratorParameters(options))) {
    const weight = entry(name.replace(/^generator\//, sampledPrefix(config)));
    parameters[preparedName(name)] = preparedOnHost(spec, weight);
    if (spec.isDemodulated) parameters[squaresName(name)] = squaresOnHost(spec, weight);
  }
  for (const { name } of modulatedLayers(options)) parameters[noiseName(name)] = entry(noiseName(name));
  return frozenByStyles({
    parameters,
    dim: options.latent,
    sides: modulatedSides(options),
    mean: entry(meanStyleName),
    map: (weights, z) => mapLatents(options, weights, z),
    synthesise: (weights, style, asked) =>
      synthesiseModulated(options, weights, {
        style,
        noise: (layer) => weights[noiseName(layer)]!,
        ...asked,
      }),
  });
}
