// A run's event files for TensorBoard: the figures of each report, the sample grids, and the configuration.
import { shownValue } from '../config/shown-value.ts';
import { readFile } from 'node:fs/promises';
import { configKeys, type TrainConfig } from '../config/fields.ts';
import type { Grid } from '../pictures/grid.ts';
import { EventFile, type Scalar } from '../tensorboard/event-file.ts';
import type { RunFolder } from './run-folder.ts';
import type { StatsLine } from './stats.ts';

/** Tags of the columns of the statistics. */
const tags = {
  dLoss: 'loss/discriminator',
  gLoss: 'loss/generator',
  dReal: 'discriminator/real',
  dFake: 'discriminator/generated',
  augmentProbability: 'augmentation/probability',
  dSign: 'augmentation/sign',
  diversity: 'samples/diversity',
  frechet: 'evaluation/frechet',
  kid: 'evaluation/kid',
  precision: 'evaluation/precision',
  recall: 'evaluation/recall',
  imagesPerSecond: 'speed/images_per_second',
} as const satisfies Partial<Record<keyof StatsLine, string>>;

/** Writes a run's TensorBoard files. Methods reject if the disk cannot be written. */
export class Tracker {
  private readonly file: EventFile;

  private constructor(file: EventFile) {
    this.file = file;
  }

  /** Begins a session at `step`, with the configuration as a text. */
  static async begin({ tensorboard }: RunFolder, config: TrainConfig, step: number): Promise<Tracker> {
    const file = await EventFile.begin(tensorboard, step);
    await file.text(step + 1, 'configuration', configTable(config));
    return new Tracker(file);
  }

  /** Adds the figures of a report that are known. */
  async report(line: StatsLine): Promise<void> {
    const scalars = (Object.keys(tags) as (keyof typeof tags)[]).flatMap((key): Scalar[] => {
      const value = line[key];
      if (value === null) return [];
      const isEvaluation = tags[key].startsWith('evaluation/') && line.network !== null;
      return [
        { tag: tags[key], value, ...(isEvaluation && { description: `Feature network: ${line.network}` }) },
      ];
    });
    await this.file.scalars(line.step, scalars);
  }

  /** Adds a sample grid, whose PNG is at `path`. */
  async samples(step: number, path: string, { width, height, channels }: Grid): Promise<void> {
    await this.file.image(step, 'samples', { png: await readFile(path), width, height, channels });
  }
}

/** The configuration as a table in Markdown; places on this machine by their names alone, because such files are shared. */
function configTable(config: TrainConfig): string {
  const rows = configKeys.map((key) => {
    const value = shownValue(key, config[key]);
    return `| ${key} | ${value.replaceAll('|', '\\|').replaceAll('\n', ' ')} |`;
  });
  return ['| key | value |', '|---|---|', ...rows].join('\n');
}
