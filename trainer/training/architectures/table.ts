// The network families in training and in export: one row each. `config/networks.ts` holds their other row and lists what a
// new family needs.
import type { Conditioning } from '../../../runtime-web/format/model.ts';
import type { TrainConfig } from '../../config/fields.ts';
import type { NetworkName } from '../../config/networks.ts';
import type { NamedHostTensors } from '../../engine/engine.ts';
import { foldGenerator } from '../../frozen/fold.ts';
import { freezeModernGenerator } from '../../frozen/freeze-modern.ts';
import { freezeStyleGenerator } from '../../frozen/freeze-style.ts';
import { freezeModulatedGenerator } from '../../frozen/freeze-modulated.ts';
import type { FrozenGenerator } from '../../frozen/frozen-networks.ts';
import type { Stage } from '../../networks/growth.ts';
import { groupSize } from '../../networks/style-discriminator.ts';
import type { Architecture } from './architecture.ts';
import { dcganInside } from './dcgan-inside.ts';
import { dcganArchitecture } from './dcgan.ts';
import type { Inside } from './inside.ts';
import { modernInside } from './modern-inside.ts';
import { modernArchitecture } from './modern.ts';
import { styleArchitecture } from './stylegan.ts';
import { stylegan2Architecture } from './stylegan2.ts';

/** Commands and files that need a frozen discriminator, or filters without styles. */
export type Capability = 'masks' | 'discriminator' | 'restoring' | 'filters' | 'features';

/** Everything that training and export need of one family. */
export interface NetworkFamily {
  /** The family's name in messages. */
  readonly title: string;
  /** Makes the networks of a configuration at a stage of growing. */
  architecture(config: TrainConfig, conditioning: Conditioning, stage: Stage): Architecture;
  /** Makes the inference-only generator. Throws RangeError for a state that lacks an entry. */
  freeze(config: TrainConfig, state: NamedHostTensors, conditioning?: Conditioning): FrozenGenerator;
  /** Max differences of images in [-1, 1] that a parity gate accepts: by the weights' precision, and after steering. */
  readonly tolerances: { readonly float32: number; readonly float16: number; readonly steering: number };
  readonly capabilities: readonly Capability[];
  /** The hidden layers; null for a family without these capabilities. */
  readonly inside: Inside | null;
  /** The statistics that its layers take of a batch, which differ between a batch and its parts; for messages. */
  readonly batchStatistics: string;
  /** True if a step in parts of `part` images equals that of the whole batch. */
  isSameInParts(batch: number, part: number): boolean;
}

/** One grey level of 255 in [-1, 1]. */
const greyLevel = 2 / 255;

/** Every family. */
export const networkFamilies: Readonly<Record<NetworkName, NetworkFamily>> = {
  dcgan: {
    title: 'DCGAN',
    architecture: dcganArchitecture,
    freeze: foldGenerator,
    tolerances: { float32: 1e-4, float16: greyLevel, steering: 1e-3 },
    capabilities: ['masks', 'discriminator', 'restoring', 'filters', 'features'],
    inside: dcganInside,
    batchStatistics:
      'batch norm takes its mean and variance over each part, so updates are those of that batch size, averaged',
    isSameInParts: () => false,
  },
  stylegan: {
    title: 'StyleGAN',
    architecture: styleArchitecture,
    freeze: freezeStyleGenerator,
    // Each of up to 14 layers divides by its own deviation, which amplifies rounding: a few in a million values of 256x256 images
    // differ by more than 1e-4. In steering, some values lie at a rectifier's kink, where rounding decides the slope.
    tolerances: { float32: 1e-3, float16: greyLevel, steering: 1e-2 },
    capabilities: [],
    inside: null,
    batchStatistics: 'the minibatch deviation compares other groups of images than in the whole batch',
    isSameInParts: (batch, part) => groupSize(part) === groupSize(batch),
  },
  stylegan2: {
    title: 'StyleGAN2',
    architecture: stylegan2Architecture,
    freeze: freezeModulatedGenerator,
    // Demodulation does not amplify rounding: images of 256x256 differ by 1e-5.
    tolerances: { float32: 1e-4, float16: greyLevel, steering: 1e-2 },
    capabilities: [],
    inside: null,
    batchStatistics: 'the minibatch deviation compares other groups of images than in the whole batch',
    isSameInParts: (batch, part) => groupSize(part) === groupSize(batch),
  },
  modern: {
    title: 'R3GAN',
    architecture: modernArchitecture,
    freeze: freezeModernGenerator,
    tolerances: { float32: 1e-3, float16: greyLevel, steering: 1e-2 },
    capabilities: ['masks', 'discriminator', 'restoring', 'filters', 'features'],
    inside: modernInside,
    batchStatistics: '',
    isSameInParts: () => true,
  },
};

/** Makes a checkpoint's generator for inference only. Throws RangeError for a state that lacks an entry. */
export function freezeGenerator(
  config: TrainConfig,
  state: NamedHostTensors,
  conditioning: Conditioning = null,
): FrozenGenerator {
  return networkFamilies[config.network].freeze(config, state, conditioning);
}

/** The hidden layers of a configuration's networks. Throws RangeError for a family without capabilities about them. */
export function insideOf({ network }: Pick<TrainConfig, 'network'>): Inside {
  const { inside, title } = networkFamilies[network];
  if (inside === null) throw new RangeError(`network: got ${title}'s, expected one with open hidden layers`);
  return inside;
}
