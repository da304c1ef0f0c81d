// Writes all files of a run while it trains: statistics, grids, checkpoints and the report page. Each is reported to the listener
// once it is on disk.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Origin } from '../../runtime-web/format/model.ts';
import type { TrainConfig } from '../config/fields.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import type { Evaluation } from '../metrics/evaluation.ts';
import { adviceFor, verdictOfSign } from './advice.ts';
import { readBest } from './find-checkpoint.ts';
import type { Best } from './evaluations.ts';
import type { Checkpoint, CheckpointMetadata, Position } from './checkpoint.ts';
import { NotFiniteError, saveCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { objectives } from '../objectives/table.ts';
import { findCollapse, type Collapse } from '../../runtime-web/format/training/collapse.ts';
import { onDisk } from '../files/disk.ts';
import type { RunListener } from './events.ts';
import type { Gathered } from './gather.ts';
import type { GridCache } from './report.ts';
import { writeReport } from './report.ts';
import type { RunFolder } from './run-folder.ts';
import { gridName, layGrid, writeGrid } from '../pictures/grid.ts';
import type { StatsLine } from './stats.ts';
import { Tracker } from './tracker.ts';
import { meanSign } from '../../runtime-web/format/training/augmentation/controller.ts';
import { classNamesOf } from './find-checkpoint.ts';
import { prepareSampleColumns } from './sample-columns.ts';
import { appendStats, truncateStats } from './stats.ts';

/** Minimum time between two versions of the report page, which is expensive because it embeds the grids. */
const pageEveryMs = 30_000;

/** Options of {@link RunRecord.open}. */
export interface RecordSetup {
  readonly folder: RunFolder;
  readonly config: TrainConfig;
  readonly engine: CheckpointMetadata['engine'];
  readonly dataset: CheckpointMetadata['dataset'];
  /** The checkpoint to resume from; null for a new run. */
  readonly checkpoint: Pick<Checkpoint, 'path' | 'metadata'> | null;
  /** The file that a new run's weights come from; null (the default) for random ones. */
  readonly origin?: Origin | null;
  readonly listener: RunListener;
}

/** The record of one run. Methods throw UserError, naming the last good checkpoint, if the disk cannot be written. */
export class RunRecord {
  private readonly setup: RecordSetup;
  private lines: StatsLine[];
  private newest: { readonly path: string; readonly step: number } | null;
  private tracker: Tracker | null = null;
  private keptBest: Best | null;
  private warnedKinds = new Set<string>();
  private pageWrittenAt = 0;
  private readonly gridCache: GridCache = new Map();
  private readonly columns: readonly string[] | null;

  private constructor(
    setup: RecordSetup,
    lines: readonly StatsLine[],
    best: Best | null,
    columns: readonly string[] | null,
  ) {
    this.setup = setup;
    this.columns = columns;
    this.lines = [...lines];
    this.keptBest = best;
    const { checkpoint } = setup;
    this.newest = checkpoint && { path: checkpoint.path, step: checkpoint.metadata.step };
  }

  /** Opens the record at the checkpoint and removes everything that the run had written after it. */
  static async open(setup: RecordSetup): Promise<RunRecord> {
    const step = setup.checkpoint?.metadata.step ?? 0;
    const lines = await onDisk(
      setup.folder.stats,
      () => 'nothing has been lost',
      async () => {
        for (const [folder, name] of [
          [setup.folder.samples, /^step-(\d+)\.png$/],
          [setup.folder.checkpoints, /^step-(\d+)\.safetensors$/],
        ] as const) {
          for (const entry of await readdir(folder)) {
            if (Number(name.exec(entry)?.[1] ?? 0) > step) await rm(join(folder, entry));
          }
        }
        return truncateStats(setup.folder.stats, step);
      },
    );
    const { folder, config } = setup;
    const columns = await prepareSampleColumns(folder.samples, config, classNamesOf(setup));
    return new RunRecord(setup, lines, await readBest(folder), columns);
  }

  /** The step of the newest checkpoint on disk; null without one. */
  get savedStep(): number | null {
    return this.newest?.step ?? null;
  }

  /** All reports so far. */
  get statistics(): readonly StatsLine[] {
    return this.lines;
  }

  /**
   * Writes the gathered metrics as one line of statistics. Resolves to the sign of collapse, if there is one, and warns once for
   * each kind of sign. `lost` is the reason if the run is already known to be lost.
   */
  async report(position: Position, gathered: Gathered, lost: string | null = null): Promise<Collapse | null> {
    const { imagesPerSecond, diversity, evaluation, ...means } = gathered.take();
    const { augmentation } = position;
    const sign = augmentation === undefined ? null : meanSign(augmentation.reported);
    const finite = (value: number | null): number | null => (Number.isFinite(value) ? value : null);
    const plain: StatsLine = {
      step: position.step,
      images: position.images,
      imagesPerSecond: round(imagesPerSecond, 2),
      dLoss: finite(means.dLoss),
      gLoss: finite(means.gLoss),
      dReal: finite(means.dReal),
      dFake: finite(means.dFake),
      augmentProbability: augmentation === undefined ? null : round(augmentation.probability, 6),
      dSign: sign === null ? null : round(sign, 4),
      secondsElapsed: round(position.secondsElapsed, 3),
      diversity: diversity === null ? null : round(diversity, 4),
      frechet: evaluation && round(evaluation.frechet, 4),
      kid: evaluation && round(evaluation.kid, 8),
      precision: evaluation && round(evaluation.precision, 4),
      recall: evaluation && round(evaluation.recall, 4),
      network: evaluation && evaluation.network,
      collapse: null,
    };
    const { config } = this.setup;
    const { logit } = objectives[config.objective](config);
    const found = findCollapse([...this.lines, plain], logit);
    const line = { ...plain, collapse: lost ?? found?.reason ?? null };
    await this.write(this.setup.folder.stats, () => appendStats(this.setup.folder.stats, line));
    this.lines.push(line);
    await this.track((tracker) => tracker.report(line));
    this.setup.listener({ type: 'report', line });
    if (found !== null && !this.warnedKinds.has(found.kind)) {
      this.warnedKinds.add(found.kind);
      this.setup.listener({
        type: 'warning',
        message: `step ${line.step}: ${found.reason}${this.adviceOn(found)}`,
      });
    }
    return found;
  }

  /** Writes samples [n, h, w, c] as the grid of `step`; classes have a column each. */
  async addSamples(step: number, images: HostTensor): Promise<void> {
    const path = join(this.setup.folder.samples, gridName(step));
    const grid = layGrid(images, this.columns?.length);
    await this.write(path, () => writeGrid(path, grid));
    await this.track((tracker) => tracker.samples(step, path, grid));
    this.setup.listener({ type: 'samples', step, path });
  }

  /** Saves a checkpoint. Throws UserError, with nothing written, for a state that is not finite. */
  async save(state: NamedHostTensors, position: Position): Promise<void> {
    const { folder, config, listener } = this.setup;
    const path = await this.writeState(position.step, () =>
      saveCheckpoint(folder.checkpoints, state, this.metadataAt(position), config.keepCheckpoints),
    );
    this.newest = { path, step: position.step };
    listener({ type: 'checkpoint', step: position.step, path });
  }

  /** Saves the checkpoint with the best evaluation so far, in the place of the one before. Throws as {@link save} does. */
  async saveBest(state: NamedHostTensors, position: Position, evaluation: Evaluation): Promise<void> {
    const metadata = { ...this.metadataAt(position), evaluation };
    await this.writeState(position.step, () => writeCheckpoint(this.setup.folder.best, state, metadata));
    this.keptBest = { step: position.step, evaluation };
  }

  /** The best evaluation of the run, whose checkpoint is on disk; null without one. */
  get best(): Best | null {
    return this.keptBest;
  }

  private metadataAt(position: Position): CheckpointMetadata {
    const { config, engine, dataset } = this.setup;
    const origin = this.setup.checkpoint?.metadata.origin ?? this.setup.origin;
    return { ...position, config, engine, dataset, ...(origin && { origin }) };
  }

  private async writeState<T>(step: number, write: () => Promise<T>): Promise<T> {
    try {
      return await this.write('a checkpoint', write);
    } catch (error) {
      if (!(error instanceof NotFiniteError)) throw error;
      throw this.diverged(step, error.message);
    }
  }

  /** Writes the report page, unless the last one is younger than 30 s and `now` is not set. */
  async writePage({ now = false } = {}): Promise<void> {
    if (!now && Date.now() - this.pageWrittenAt < pageEveryMs) return;
    const { folder, config } = this.setup;
    await this.write(folder.report, () => writeReport(folder, config, this.lines, this.gridCache));
    this.pageWrittenAt = Date.now();
  }

  /** The error that ends a run with NaN or infinity in its state or losses. */
  diverged(step: number, reason: string): UserError {
    const { config } = this.setup;
    return new UserError(
      `training diverged by step ${step}: ${reason}; ${this.savedNote()}; ` +
        `start again with a lower --learning-rate (it was ${config.learningRate}) or a larger --batch`,
    );
  }

  /** The error that ends a collapsed run. */
  collapsed(sign: Collapse, step: number): UserError {
    return new UserError(
      `stopped at step ${step}: ${sign.reason}; ${this.savedNote()}${this.adviceOn(sign)}`,
    );
  }

  /** Settings to try, as the end of a message. */
  private adviceOn({ kind }: Collapse): string {
    const flags = adviceFor(verdictOfSign[kind], this.setup.config).map((advice) => advice.flags);
    return flags.length === 0 ? '' : `; try ${flags.join(', or ')}`;
  }

  /** Writes into the event file of TensorBoard, if the run has one. */
  private async track(add: (tracker: Tracker) => Promise<void>): Promise<void> {
    const { folder, config, checkpoint } = this.setup;
    if (!config.tensorboard) return;
    await this.write(folder.tensorboard, async () => {
      this.tracker ??= await Tracker.begin(folder, config, checkpoint?.metadata.step ?? 0);
      await add(this.tracker);
    });
  }

  private write<T>(what: string, write: () => Promise<T>): Promise<T> {
    const after = `free some space, then go on with --resume ${this.setup.folder.path}`;
    return onDisk(what, () => `the run has stopped; ${this.savedNote()}; ${after}`, write);
  }

  private savedNote(): string {
    return this.newest === null
      ? 'no checkpoint had been saved yet'
      : `the last good checkpoint is ${this.newest.path} (step ${this.newest.step})`;
  }
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
