// The packages of networks that pages train: one for each size, kind of images and objective that a visitor may choose. The build writes
// them (`node esbuild.config.mjs networks`); a test compares their graphs with the trainer's engine.
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainConfig } from '../trainer/config/fields.ts';
import { resolveOverDefault } from '../trainer/config/presets.ts';
import type { Engine } from '../trainer/engine/engine.ts';
import { exportTrainable } from '../trainer/export/export-trainable.ts';
import { writeFileAtomically } from '../trainer/files/atomic-file.ts';
import { held } from '../trainer/held.ts';

/** Small enough for the processor of a phone. */
const small: Partial<TrainConfig> = { baseWidth: 16, batch: 32 };

const few: Partial<TrainConfig> = { flip: true, augment: 'color,translation,cutout' };

/** Settings over the default configuration, by the package's name. */
export const pageNetworks: Readonly<Record<string, Partial<TrainConfig>>> = {
  'colour-32': small,
  'colour-32-wide': { ...small, baseWidth: 32 },
  'colour-64': { ...small, imageSize: 64, objective: 'relativistic', r1: 0.5, r2: 0.5 },
  'grey-32': { ...small, channels: 1 },
  'classes-32': { ...small, condition: 'label', classNames: '1,2,3,4,5,6,7,8,9,10' },
  // As the recipe of fewer than 2,000 images.
  'few-32': { ...small, ...few },
  'few-grey-32': { ...small, ...few, channels: 1 },
  'hinge-r1-32': { ...small, objective: 'hinge', r1: 1, r1Every: 16 },
  'wgan-gp-32': { ...small, objective: 'wgan-gp' },
  'relativistic-32': { ...small, objective: 'relativistic' },
  // Two ways to fail, to look at: the loss of 2014, and pictures made from two numbers.
  'minimax-32': { ...small, objective: 'minimax' },
  'tiny-latent-32': { ...small, latent: 2 },
};

/** The complete configuration of a package. */
export function configOfPage(values: Partial<TrainConfig>): TrainConfig {
  return resolveOverDefault([{ source: 'page', values }]);
}

/**
 * Writes a folder for each package, and `index.json` with their names. With `openEngine` the files are compared with an engine, a new one
 * for each package; throws ExportError if one differs.
 */
export async function writePageNetworks(
  folder: string,
  openEngine: (() => Promise<Engine>) | null = null,
): Promise<void> {
  const { signal } = new AbortController();
  for (const [name, values] of Object.entries(pageNetworks)) {
    const options = { config: configOfPage(values), name, out: join(folder, name), signal };
    if (openEngine === null) await exportTrainable({ ...options, engine: null });
    else {
      await using engine = held(await openEngine());
      await exportTrainable({ ...options, engine });
    }
  }
  // Weights to start from, which `scripts/make-start.ts` makes of a run.
  await cp(join('scripts', 'starts'), join(folder, 'starts'), { recursive: true });
  await writeFileAtomically(join(folder, 'index.json'), `${JSON.stringify(Object.keys(pageNetworks))}\n`);
}
