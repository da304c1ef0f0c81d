// What a run leaves behind, as it goes: statistics, grids, checkpoints and the report page, each told to the
// listener once it is on disk. The only place where a run writes.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { TrainConfig } from '../config/fields.ts';
import type { NamedHostTensors } from '../engine/engine.ts';
import { UserError } from '../errors.ts';
import type { HostTensor } from '../graph/trace/graph.ts';
import type { Checkpoint, CheckpointMetadata, Position } from './checkpoint.ts';
import { NotFiniteError, saveCheckpoint } from './checkpoint.ts';
import { objectives } from '../objectives/table.ts';
import { findCollapse, type Collapse } from './collapse.ts';
import { onDisk } from '../files/disk.ts';
import type { RunListener } from './events.ts';
import type { Gathered } from './gather.ts';
import type { GridCache } from './report.ts';
import { writeReport } from './report.ts';
import type { RunFolder } from './run-folder.ts';
import { gridName, layGrid, writeGrid } from '../pictures/grid.ts';
import type { StatsLine } from './stats.ts';
import { appendStats, truncateStats } from './stats.ts';

/** The report page is drawn anew at most this often while a run goes, since it holds every grid. */
const pageEveryMs = 30_000;

/** What a {@link RunRecord} is made of. */
export interface RecordSetup {
  readonly folder: RunFolder;
  readonly config: TrainConfig;
  readonly engine: CheckpointMetadata['engine'];
  readonly dataset: CheckpointMetadata['dataset'];
  /** The checkpoint the run goes on from; null for a start. */
  readonly checkpoint: Pick<Checkpoint, 'path' | 'metadata'> | null;
  readonly listener: RunListener;
}

/** The record of one run. Methods throw UserError where the disk refuses, naming the last good checkpoint. */
export class RunRecord {
  private readonly setup: RecordSetup;
  private lines: StatsLine[];
  private last: { readonly path: string; readonly step: number } | null;
  private warnedOf = new Set<string>();
  private pageDrawnAt = 0;
  private readonly embedded: GridCache = new Map();

  private constructor(setup: RecordSetup, lines: readonly StatsLine[]) {
    this.setup = setup;
    this.lines = [...lines];
    const { checkpoint } = setup;
    this.last = checkpoint && { path: checkpoint.path, step: checkpoint.metadata.step };
  }

  /** Opens the record at the checkpoint: what the run had written past it is removed. */
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
    return new RunRecord(setup, lines);
  }

  /** The step of the newest checkpoint on disk; null where there is none. */
  get savedStep(): number | null {
    return this.last?.step ?? null;
  }

  /**
   * Writes what has been gathered as one line of statistics; warns, once for each kind of sign, where the run looks
   * lost, and resolves to the sign. `lost` says that it is, and why.
   */
  async report(position: Position, gathered: Gathered, lost: string | null = null): Promise<Collapse | null> {
    const { imagesPerSecond, diversity, frechet, ...means } = gathered.take();
    const finite = (value: number | null): number | null => (Number.isFinite(value) ? value : null);
    const plain: StatsLine = {
      step: position.step,
      images: position.images,
      imagesPerSecond: round(imagesPerSecond, 2),
      dLoss: finite(means.dLoss),
      gLoss: finite(means.gLoss),
      dReal: finite(means.dReal),
      dFake: finite(means.dFake),
      secondsElapsed: round(position.secondsElapsed, 3),
      diversity: diversity === null ? null : round(diversity, 4),
      frechet: frechet === null ? null : round(frechet, 4),
      collapse: null,
    };
    const { config } = this.setup;
    const { logit } = objectives[config.objective](config);
    const found = findCollapse([...this.lines, plain], logit);
    const line = { ...plain, collapse: lost ?? found?.reason ?? null };
    await this.write(this.setup.folder.stats, () => appendStats(this.setup.folder.stats, line));
    this.lines.push(line);
    this.setup.listener({ type: 'report', line });
    if (found !== null && !this.warnedOf.has(found.kind)) {
      this.warnedOf.add(found.kind);
      this.setup.listener({ type: 'warning', message: `step ${line.step}: ${found.reason}${found.advice}` });
    }
    return found;
  }

  /** Writes samples [n, h, w, c] as the grid of `step`. */
  async addSamples(step: number, images: HostTensor): Promise<void> {
    const path = join(this.setup.folder.samples, gridName(step));
    await this.write(path, () => writeGrid(path, layGrid(images)));
    this.setup.listener({ type: 'samples', step, path });
  }

  /** Saves a checkpoint. Throws UserError, with nothing written, for a state that is not finite. */
  async save(state: NamedHostTensors, position: Position): Promise<void> {
    const { folder, config, engine, dataset, listener } = this.setup;
    const metadata = { ...position, config, engine, dataset };
    try {
      const path = await this.write('a checkpoint', () =>
        saveCheckpoint(folder.checkpoints, state, metadata, config.keepCheckpoints),
      );
      this.last = { path, step: position.step };
      listener({ type: 'checkpoint', step: position.step, path });
    } catch (error) {
      if (!(error instanceof NotFiniteError)) throw error;
      throw this.diverged(position.step, error.message);
    }
  }

  /** Draws the report page from what is on disk; `now` also where it was drawn a moment ago. */
  async drawPage({ now = false } = {}): Promise<void> {
    if (!now && Date.now() - this.pageDrawnAt < pageEveryMs) return;
    const { folder, config } = this.setup;
    await this.write(folder.report, () => writeReport(folder, config, this.lines, this.embedded));
    this.pageDrawnAt = Date.now();
  }

  /** The error that ends a run whose numbers are lost. */
  diverged(step: number, why: string): UserError {
    const { config } = this.setup;
    return new UserError(
      `training diverged by step ${step}: ${why}; ${this.safe()}; ` +
        `start again with a lower --learning-rate (it was ${config.learningRate}) or a larger --batch`,
    );
  }

  /** The error that ends a run that looks lost. */
  collapsed({ reason, advice }: Collapse, step: number): UserError {
    return new UserError(`stopped at step ${step}: ${reason}; ${this.safe()}${advice}`);
  }

  private write<T>(what: string, write: () => Promise<T>): Promise<T> {
    const after = `free some space, then go on with --resume ${this.setup.folder.path}`;
    return onDisk(what, () => `the run has stopped; ${this.safe()}; ${after}`, write);
  }

  private safe(): string {
    return this.last === null
      ? 'no checkpoint had been saved yet'
      : `the last good checkpoint is ${this.last.path} (step ${this.last.step})`;
  }
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
