// The network families' part of the configuration: one row each. To add a family, write its networks (`networks/`), its place in
// training (`training/architectures/`) and its frozen form (`frozen/`), then add one row here and one in
// `training/architectures/table.ts`. The family's own settings are rows of `fields.ts`, like all others.
import type { Channels } from '../../runtime-web/format/image-shape.ts';
import { levels, shorterSide, stagesOf } from './stages.ts';
import { imageShape } from './image-size.ts';

/** The settings that a family's `complaint` checks. */
interface NetworkSettings {
  readonly imageSize: number | string;
  readonly channels: Channels;
  readonly baseWidth: number;
  readonly attention: number | null;
  readonly discriminatorNorm: string;
  readonly discriminatorBatch: string;
  readonly dropout: number;
}

/** A family's own keys, implied settings and restrictions. `fields.ts` checks keys and values where they are used. */
interface NetworkSchema {
  /** The family's entry in `--help`. */
  readonly about: string;
  /** Keys that only this family has. */
  readonly ownKeys: readonly string[];
  /** Settings that `--network` implies, from the family's paper. */
  readonly implied: Readonly<Record<string, unknown>>;
  /** Further settings that `--network` implies, except with a Wasserstein objective. */
  readonly impliedRegularisation: Readonly<Record<string, unknown>>;
  /** True if the family supports progressive growing. */
  readonly grows: boolean;
  /** Returns an error message with a remedy if the family does not support `settings`, else null. */
  complaint(settings: NetworkSettings): string | null;
}

/** The restrictions of discriminators with equalised weights and a minibatch standard deviation. */
function styleComplaint(
  name: string,
  { discriminatorNorm, dropout, discriminatorBatch }: NetworkSettings,
): string | null {
  if (discriminatorNorm !== 'none') {
    return (
      `--discriminator-norm ${discriminatorNorm} and --network ${name} contradict each other: its discriminator has equalised ` +
      'weights instead of a norm; take --discriminator-norm none'
    );
  }
  if (dropout > 0) {
    return `--dropout and --network ${name} contradict each other: its discriminator has none; leave --dropout out`;
  }
  return discriminatorBatch === 'joined'
    ? `--discriminator-batch joined and --network ${name} contradict each other: its discriminator compares the images of a ` +
        'batch, which must then be all real or all generated; take --discriminator-batch separate'
    : null;
}

/** Every family by its name for `--network`. */
export const networks = {
  /** Radford 2016. */
  dcgan: {
    about: "'dcgan'",
    ownKeys: ['kernel', 'upsampling', 'head', 'attention', 'spectralNorm'],
    implied: {},
    impliedRegularisation: {},
    grows: false,
    complaint({ baseWidth, imageSize, channels, attention }) {
      const shape = imageShape({ imageSize, channels });
      const factor = 2 ** (stagesOf(shape).count - 1);
      const widest = baseWidth * factor;
      if (attention !== null) {
        const sides = levels(shape).slice(1, -1).map(shorterSide);
        const isSide = sides.includes(attention);
        if (!isSide) {
          return (
            `--attention ${attention} and --image-size ${imageSize} contradict each other: the layers between the base and the ` +
            `image have a shorter side of ${sides.join(' or ')}; give that, or --attention none`
          );
        }
      }
      return widest > 8192
        ? `--base-width ${baseWidth} at --image-size ${imageSize} makes a first layer of ${widest} channels; ` +
            `the limit is 8192, so give a base width of at most ${Math.floor(8192 / factor)}`
        : null;
    },
  },
  /** Karras 2018. */
  stylegan: {
    about: "'stylegan' (mapping network, per-layer styles and noise, progressive growing)",
    ownKeys: ['mappingLayers', 'mixing', 'growImages'],
    // Appendix C. Equalised weights allow these learning rates.
    implied: {
      latentDistribution: 'normal',
      learningRate: 1e-3,
      beta1: 0,
      beta2: 0.99,
      growFrom: 8,
      discriminatorNorm: 'none',
    },
    // Appendix C; the learning rate is that of StyleGAN2-ADA's published code (Karras 2020) below 1024x1024.
    impliedRegularisation: { r1: 10, r1Every: 4, learningRate: 2.5e-3 },
    grows: true,
    complaint: (settings) => styleComplaint('stylegan', settings),
  },
  /** Karras 2019. */
  stylegan2: {
    about: "'stylegan2' (demodulated weights, summed images and a residual discriminator; nothing grows)",
    ownKeys: ['mappingLayers', 'mixing', 'pathLength', 'pathLengthEvery'],
    // β1, β2, learning rate, R1, the weight of path length, and the average's decay (a half-life of 10,000 images in batches of 32) are those of
    // `stylegan2` in stylegan2-ada's published code (train.py and loss.py). The penalties are as lazy as in the paper (appendix B).
    implied: {
      latentDistribution: 'normal',
      learningRate: 1e-3,
      beta1: 0,
      beta2: 0.99,
      averageDecay: 0.998,
      growFrom: null,
      discriminatorNorm: 'none',
      pathLength: 2,
      pathLengthEvery: 8,
    },
    impliedRegularisation: { r1: 10, r1Every: 16, learningRate: 2e-3 },
    grows: false,
    complaint: (settings) => styleComplaint('stylegan2', settings),
  },
  /** Huang 2024 (R3GAN). */
  modern: {
    about: "'modern' (R3GAN's residual networks without a norm)",
    ownKeys: ['blocks'],
    // The paper's momenta; its rate of 2e-4 is for networks of 768 channels and a batch of 256. With 16 channels and a batch of 64,
    // 25,000 images of avatars are further on at this rate than at 1e-3.
    implied: {
      objective: 'relativistic',
      latentDistribution: 'normal',
      learningRate: 2.5e-3,
      beta1: 0,
      beta2: 0.99,
      discriminatorNorm: 'none',
    },
    impliedRegularisation: {},
    grows: false,
    complaint({ discriminatorNorm, dropout }) {
      if (discriminatorNorm !== 'none') {
        return (
          `--discriminator-norm ${discriminatorNorm} and --network modern contradict each other: its residual blocks have no norm; ` +
          'take --discriminator-norm none'
        );
      }
      return dropout > 0
        ? '--dropout and --network modern contradict each other: its discriminator has none; leave --dropout out'
        : null;
    },
  },
} as const satisfies Readonly<Record<string, NetworkSchema>>;

/** A family's name. */
export type NetworkName = keyof typeof networks;

/** All names. */
export const networkNames = Object.keys(networks) as readonly NetworkName[];
