// `config-history.jsonl`: the settings that a resumed run has changed, one line for each time, so that `config.json`, which has the
// newest settings only, is not the whole truth about how the weights came to be.
import { readFile } from 'node:fs/promises';
import { configKeys, type ConfigKey, type TrainConfig } from '../config/fields.ts';
import { writeFileAtomically } from '../files/atomic-file.ts';
import type { RunFolder } from './run-folder.ts';

/** One changed setting. */
export interface ConfigChange {
  readonly key: ConfigKey;
  readonly from: unknown;
  readonly to: unknown;
}

/** The settings that changed at one step. */
export interface ConfigChanges {
  /** Updates done before. */
  readonly step: number;
  readonly changes: readonly ConfigChange[];
}

/** The settings that differ between two configurations. */
export function changesBetween(before: TrainConfig, after: TrainConfig): readonly ConfigChange[] {
  return configKeys
    .filter((key) => before[key] !== after[key])
    .map((key) => ({ key, from: before[key], to: after[key] }));
}

/** A change in words: `learningRate 0.001 → 0.0002`. */
export function changeText({ key, from, to }: ConfigChange): string {
  const shown = (value: unknown): string => String(value ?? 'none');
  return `${key} ${shown(from)} → ${shown(to)}`;
}

/**
 * Records the changes with which a run goes on from `step`. Changes that were recorded for this step or a later one are dropped: the
 * run has gone back to before them.
 */
export async function recordChanges({ history }: RunFolder, { step, changes }: ConfigChanges): Promise<void> {
  const before = await readHistory({ history });
  const kept = before.filter((entry) => entry.step < step);
  const entries = changes.length === 0 ? kept : [...kept, { step, changes }];
  if (entries.length === 0 && before.length === 0) return;
  await writeFileAtomically(history, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
}

/** The recorded changes, oldest first; none if the file does not exist. Lines that are no record are left out. */
export async function readHistory({
  history,
}: Pick<RunFolder, 'history'>): Promise<readonly ConfigChanges[]> {
  const text = await readFile(history, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => {
    try {
      const entry = JSON.parse(line) as Partial<ConfigChanges> | null;
      return typeof entry?.step === 'number' && Array.isArray(entry.changes) ? [entry as ConfigChanges] : [];
    } catch {
      return [];
    }
  });
}
