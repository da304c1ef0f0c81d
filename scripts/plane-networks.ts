// The packages of networks for points in the plane, one for each objective and number of unrolled updates. The build writes them
// (`node esbuild.config.mjs networks`); the benchmark `mixture` trains the same networks in Node.
import { join } from 'node:path';
import type { TrainConfig } from '../trainer/config/fields.ts';
import { exportPlane } from '../trainer/export/export-plane.ts';
import { writeFileAtomically } from '../trainer/files/atomic-file.ts';
import { planeConfig } from '../trainer/training/plane-plan.ts';

/** A package: what a visitor reads, and its settings over those of `planeConfig`. */
interface PlaneNetwork {
  readonly title: string;
  readonly values: Parameters<typeof planeConfig>[0];
}

/** Numbers of a latent, in place of the paper's 256: most of a step's time in a page is their drawing. */
const latent = 16;

/** Several updates of D for each of G, without Adam's first moment (Arjovsky 2017 and Gulrajani 2017, algorithm 1). */
const critic: Partial<TrainConfig> = { criticSteps: 5, beta1: 0, beta2: 0.9 };

/** Settings by the package's name. */
export const planeNetworks: Readonly<Record<string, PlaneNetwork>> = {
  minimax: { title: 'Minimax', values: { objective: 'minimax' } },
  'unrolled-1': { title: 'Minimax, unrolled 1', values: { objective: 'minimax', unroll: 1 } },
  'unrolled-5': { title: 'Minimax, unrolled 5', values: { objective: 'minimax', unroll: 5 } },
  'unrolled-10': { title: 'Minimax, unrolled 10', values: { objective: 'minimax', unroll: 10 } },
  'non-saturating': { title: 'Non-saturating', values: { objective: 'non-saturating' } },
  'least-squares': { title: 'Least squares', values: { objective: 'least-squares' } },
  hinge: { title: 'Hinge', values: { objective: 'hinge' } },
  wgan: { title: 'Wasserstein, clipped', values: { ...critic, objective: 'wgan', clip: 0.1 } },
  'wgan-gp': { title: 'Wasserstein, gradient penalty', values: { ...critic, objective: 'wgan-gp' } },
  // Huang 2024 (R3GAN): both penalties, of one weight, β1 0, and one learning rate.
  relativistic: {
    title: 'Relativistic pairs, R1 and R2',
    values: { objective: 'relativistic', r1: 0.5, r2: 0.5, beta1: 0, discriminatorLearningRate: null },
  },
};

/** Writes a folder for each package, and `index.json` with their names and titles. */
export async function writePlaneNetworks(folder: string): Promise<void> {
  for (const [name, { values }] of Object.entries(planeNetworks))
    await exportPlane({ config: planeConfig({ latent, ...values }), name, out: join(folder, name) });
  const index = Object.entries(planeNetworks).map(([name, { title }]) => ({ name, title }));
  await writeFileAtomically(join(folder, 'index.json'), `${JSON.stringify(index)}\n`);
}
