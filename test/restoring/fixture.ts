// The figures of PyTorch and SciPy by scripts/fixtures/restoring.py, and the inputs that both sides make.
import { readFileSync } from 'node:fs';
import type { TrainConfig } from '../../trainer/config/fields.ts';
import type { NamedHostTensors } from '../../trainer/engine/engine.ts';
import { foldDiscriminator, foldGenerator } from '../../trainer/frozen/fold.ts';
import type { FrozenDiscriminator, FrozenGenerator } from '../../trainer/frozen/frozen-networks.ts';
import type { LatentDistribution } from '../../runtime-web/format/random.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { randomState } from '../export/random-state.ts';
import { shaped, smallConfig } from '../shared/small-config.ts';

/** Some steps from {@link waveStart}. */
interface Steps {
  readonly images: number[];
  readonly loss: number[];
  readonly gradient: number[];
  /** z after three updates at a rate of 0.1. */
  readonly afterThree: number[];
}

/** The whole file. */
export const restoringFixture = JSON.parse(readFileSync('test/fixtures/restoring.json', 'utf8')) as {
  readonly [distribution in LatentDistribution]: Steps;
} & {
  readonly poisson: { readonly side: number; readonly mask: number[]; readonly blended: number[] };
};

/** Tensor number `p`: element i is scale · sin(0.7 + 1.3 p + 2.1 i), + offset. */
export function wave(p: number, shape: readonly number[], scale: number, offset = 0): HostTensor {
  const size = shape.reduce((product, dim) => product * dim, 1);
  const data = Float32Array.from(
    { length: size },
    (_, i) => offset + scale * Math.sin(0.7 + 1.3 * p + 2.1 * i),
  );
  return { shape, dtype: 'float32', data };
}

/** 16x16x3, width 4, latent 8, dense heads. */
export const waveConfig: TrainConfig = {
  ...smallConfig,
  kernel: 4,
  head: 'dense',
  upsampling: 'transposed',
  latent: 8,
};

const shapes = {
  'generator/project/kernel': [8, 128],
  'generator/project/bias': [8],
  'generator/block1/kernel': [4, 4, 4, 8],
  'generator/block1/bias': [4],
  'generator/image/kernel': [4, 4, 3, 4],
  'generator/image/bias': [3],
  'discriminator/block1/kernel': [4, 4, 3, 4],
  'discriminator/block1/bias': [4],
  'discriminator/block2/kernel': [4, 4, 4, 8],
  'discriminator/block2/bias': [8],
  'discriminator/logit/kernel': [128, 1],
  'discriminator/logit/bias': [1],
} as const;

/** The networks of the fixture: an ordinary small run's, with waves for parameters. */
export function waveNetworks(): { generator: FrozenGenerator; discriminator: FrozenDiscriminator } {
  const parameters = Object.fromEntries(
    Object.entries(shapes).map(([name, shape], p) => [name, wave(p, shape, 0.3)]),
  );
  const of = (prefix: string): NamedHostTensors =>
    Object.fromEntries(Object.entries(parameters).filter(([name]) => name.startsWith(prefix)));
  const state = randomState(waveConfig);
  return {
    generator: { ...foldGenerator(waveConfig, state), parameters: of('generator/') },
    discriminator: { ...smallDiscriminator(waveConfig, state), parameters: of('discriminator/') },
  };
}

/** D of a state, its batch norm folded by statistics that are none: mean 0, variance 1. */
export function smallDiscriminator(config: TrainConfig, state: NamedHostTensors): FrozenDiscriminator {
  const statistics: Record<string, HostTensor> = {};
  for (const [name, { shape, data }] of Object.entries(state)) {
    if (!/^discriminator\/.*\/scale$/.test(name)) continue;
    const layer = name.slice(0, -'/scale'.length);
    const filled = (value: number): HostTensor => ({
      shape,
      dtype: 'float32',
      data: new Float32Array(data.length).fill(value),
    });
    statistics[`${layer}/mean`] = filled(0);
    statistics[`${layer}/variance`] = filled(1);
  }
  return foldDiscriminator(shaped(config), state, statistics);
}

/** The fixture's inputs, n = 2. */
export const waveInputs = {
  target: wave(20, [2, 16, 16, 3], 0.8),
  weights: wave(21, [2, 16, 16, 1], 0.5, 0.5),
  z: wave(22, [2, 8], 1.2),
} as const;
/** The fixture's weights of the terms. */
export const waveTerms = { colour: 0.7, luminance: 0.4, realism: 0.05, typical: 0.3 } as const;
