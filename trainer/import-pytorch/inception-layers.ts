// The layers of Inception v3 (Szegedy 2016) as TensorFlow's graph of 2015-12-05 has them, by which a Fréchet distance is FID (Heusel
// 2017). It differs from torchvision's: averages leave out the padding, the last block takes a maximum instead, and there are 1008 classes.

/** A convolution without bias, batch norm and ReLU. */
export interface Convolution {
  readonly kind: 'convolution';
  /** Name in the state dict, below that of its block. */
  readonly layer: string;
  readonly to: number;
  /** Height and width. */
  readonly kernel: readonly [number, number];
  readonly stride: 1 | 2;
  /** Padded to keep the size; otherwise not padded. */
  readonly isPadded: boolean;
}

/** A pool of 3x3: the maximum with stride 2 and no padding, or with padding and stride 1 an average of what the image has, or a maximum. */
export interface Pool {
  readonly kind: 'halve' | 'average' | 'maximum';
}

/** Branches that take the same input; their outputs are concatenated. `layer` is the prefix of their layers, '' for none. */
export interface Branches {
  readonly kind: 'branches';
  readonly layer: string;
  readonly branches: readonly (readonly Step[])[];
}

/** One step of the network, or of a branch. */
export type Step = Convolution | Pool | Branches;

const convolution = (
  layer: string,
  to: number,
  kernel: number | readonly [number, number] = 1,
  { stride = 1, isPadded = stride === 1 }: Partial<Pick<Convolution, 'stride' | 'isPadded'>> = {},
): Convolution => ({
  ...{ kind: 'convolution', layer, to, stride, isPadded },
  kernel: typeof kernel === 'number' ? [kernel, kernel] : kernel,
});
const halving = (layer: string, to: number): Convolution => convolution(layer, to, 3, { stride: 2 });
const [halve, average, maximum]: readonly [Pool, Pool, Pool] = [
  { kind: 'halve' },
  { kind: 'average' },
  { kind: 'maximum' },
];
const branches = (layer: string, ...list: readonly (readonly Step[])[]): Branches => ({
  kind: 'branches',
  layer,
  branches: list,
});
const [wide, tall] = [
  [1, 7],
  [7, 1],
] as const;

const blockA = (name: string, pooled: number): Branches =>
  branches(
    name,
    [convolution('branch1x1', 64)],
    [convolution('branch5x5_1', 48), convolution('branch5x5_2', 64, 5)],
    [
      convolution('branch3x3dbl_1', 64),
      convolution('branch3x3dbl_2', 96, 3),
      convolution('branch3x3dbl_3', 96, 3),
    ],
    [average, convolution('branch_pool', pooled)],
  );

const blockB = (name: string): Branches =>
  branches(
    name,
    [halving('branch3x3', 384)],
    [convolution('branch3x3dbl_1', 64), convolution('branch3x3dbl_2', 96, 3), halving('branch3x3dbl_3', 96)],
    [halve],
  );

const blockC = (name: string, inner: number): Branches =>
  branches(
    name,
    [convolution('branch1x1', 192)],
    [
      convolution('branch7x7_1', inner),
      convolution('branch7x7_2', inner, wide),
      convolution('branch7x7_3', 192, tall),
    ],
    [
      convolution('branch7x7dbl_1', inner),
      convolution('branch7x7dbl_2', inner, tall),
      convolution('branch7x7dbl_3', inner, wide),
      convolution('branch7x7dbl_4', inner, tall),
      convolution('branch7x7dbl_5', 192, wide),
    ],
    [average, convolution('branch_pool', 192)],
  );

const blockD = (name: string): Branches =>
  branches(
    name,
    [convolution('branch3x3_1', 192), halving('branch3x3_2', 320)],
    [
      convolution('branch7x7x3_1', 192),
      convolution('branch7x7x3_2', 192, wide),
      convolution('branch7x7x3_3', 192, tall),
      halving('branch7x7x3_4', 192),
    ],
    [halve],
  );

const blockE = (name: string, pool: Pool): Branches => {
  const both = (layer: string): Branches =>
    branches('', [convolution(`${layer}a`, 384, [1, 3])], [convolution(`${layer}b`, 384, [3, 1])]);
  return branches(
    name,
    [convolution('branch1x1', 320)],
    [convolution('branch3x3_1', 384), both('branch3x3_2')],
    [convolution('branch3x3dbl_1', 448), convolution('branch3x3dbl_2', 384, 3), both('branch3x3dbl_3')],
    [pool, convolution('branch_pool', 192)],
  );
};

/** Side of the images that the layers take. */
export const inceptionSize = 299;

/** All layers up to the global average, from images [n, 3, 299, 299] to [n, 2048, 8, 8]. */
export const inceptionLayers: readonly Step[] = [
  halving('Conv2d_1a_3x3', 32),
  convolution('Conv2d_2a_3x3', 32, 3, { isPadded: false }),
  convolution('Conv2d_2b_3x3', 64, 3),
  halve,
  convolution('Conv2d_3b_1x1', 80),
  convolution('Conv2d_4a_3x3', 192, 3, { isPadded: false }),
  halve,
  blockA('Mixed_5b', 32),
  blockA('Mixed_5c', 64),
  blockA('Mixed_5d', 64),
  blockB('Mixed_6a'),
  blockC('Mixed_6b', 128),
  blockC('Mixed_6c', 160),
  blockC('Mixed_6d', 160),
  blockC('Mixed_6e', 192),
  blockD('Mixed_7a'),
  blockE('Mixed_7b', average),
  blockE('Mixed_7c', maximum),
];

/** Features after the global average, and classes of the fully connected layer `fc`. */
export const inceptionOutputs = { features: 2048, classes: 1008 } as const;
