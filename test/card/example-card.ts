// A small card, for tests to vary.
import type { Card } from '../../trainer/card/card.ts';
import { limitsOf } from '../../trainer/card/limits.ts';

const unstated: Omit<Card, 'stated' | 'limits'> = {
  card: '1.0',
  program: 'dcgan 1.2.3',
  writtenAt: '2026-01-02T03:04:05.678Z',
  model: {
    name: 'example',
    formatVersion: '1.7',
    width: 16,
    height: 24,
    channels: 3,
    latent: { dim: 8, distribution: 'normal' },
    conditioning: null,
    network: 'DCGAN',
    weights: 1234,
    files: [{ role: 'generator', file: 'generator.onnx', bytes: 5000, sha256: '0'.repeat(64) }],
  },
  training: null,
  session: null,
  settings: {},
  origin: {
    format: 'onnx',
    files: [{ file: 'netG.onnx', bytes: 6000, sha256: '1'.repeat(64) }],
    producer: null,
    settings: {},
  },
  metrics: [{ name: 'frechet', value: 12.5, protocol: { network: 'dcgan-features 1, no FID', countA: 100 } }],
  findings: [],
  audit: null,
  verdict: null,
  samples: { file: 'samples.png', caption: 'Seeds 0 to 31, not chosen, row by row.' },
};

/** The card of an imported model with one figure, of which nothing is stated. */
export const exampleCard: Card = {
  ...unstated,
  stated: {
    dataset: null,
    licence: null,
    modelLicence: null,
    author: null,
    contact: null,
    intended: null,
    failures: [],
  },
  limits: limitsOf(unstated),
};
