// The network families as configurations see them: one row each. To add a family, write its networks (`networks/`), its place in
// training (`training/architectures/`) and its frozen form (`frozen/`), then add one row here and one in
// `training/architectures/table.ts`. Settings of its own are rows of `fields.ts`, as all settings are.

/** The settings that a family's rules look at. */
interface NetworkSettings {
  readonly imageSize: number;
  readonly baseWidth: number;
  readonly discriminatorNorm: string;
  readonly discriminatorBatch: string;
  readonly dropout: number;
}

/** What configurations need to know of one family. Keys and values are checked against `fields.ts` where they are used. */
interface NetworkSchema {
  /** Keys that only this family has. */
  readonly ownKeys: readonly string[];
  /** Settings that `--network` implies, from the family's paper. */
  readonly implied: Readonly<Record<string, unknown>>;
  /** Further settings that `--network` implies, except with a Wasserstein objective. */
  readonly impliedRegularisation: Readonly<Record<string, unknown>>;
  /** Whether progressive growing works. */
  readonly grows: boolean;
  /** Returns why these networks cannot have such settings, and what to change; null where they can. */
  complaint(settings: NetworkSettings): string | null;
}

/** Every family by the name that `--network` has for it. */
export const networks = {
  /** Radford 2016. */
  dcgan: {
    ownKeys: ['kernel', 'upsampling', 'head'],
    implied: {},
    impliedRegularisation: {},
    grows: false,
    complaint({ baseWidth, imageSize }) {
      const widest = (baseWidth * imageSize) / 8;
      return widest > 8192
        ? `--base-width ${baseWidth} at --image-size ${imageSize} makes a first layer of ${widest} channels; ` +
            `the most is 8192, so a base width of ${Math.floor((8192 * 8) / imageSize)}`
        : null;
    },
  },
  /** Karras 2018. */
  stylegan: {
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
    complaint({ discriminatorNorm, dropout, discriminatorBatch }) {
      if (discriminatorNorm !== 'none') {
        return (
          `--discriminator-norm ${discriminatorNorm} and --network stylegan contradict each other: its discriminator has equalised ` +
          'weights in the place of a norm; take --discriminator-norm none'
        );
      }
      if (dropout > 0) {
        return '--dropout and --network stylegan contradict each other: its discriminator has none; leave --dropout out';
      }
      return discriminatorBatch === 'joined'
        ? '--discriminator-batch joined and --network stylegan contradict each other: its discriminator compares the images of a ' +
            'batch, which must then be all real or all drawn; take --discriminator-batch separate'
        : null;
    },
  },
} as const satisfies Readonly<Record<string, NetworkSchema>>;

/** A family's name. */
export type NetworkName = keyof typeof networks;

/** All names. */
export const networkNames = Object.keys(networks) as readonly NetworkName[];
