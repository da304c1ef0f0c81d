// Work on one cell after another: with its opened set, until a signal, and with the failures counted.
import { join } from 'node:path';
import process from 'node:process';
import { findPytorch } from '../peer.ts';
import { flags, out, say } from './flags.ts';
import { openSet, type OpenSet } from './open-set.ts';
import type { Cell } from './planned-cells.ts';
import { imageSets } from './table.ts';

/** Ends the work of a bench at a signal. */
export function interruptible(): AbortSignal {
  const interrupt = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interrupt.abort());
  return interrupt.signal;
}

/** Calls `work` for each cell with its opened set, says which fail, and sets the exit code. `onCut` is called for the one that a signal ends. */
export async function withEach<T extends Pick<Cell, 'set' | 'settings'>>(
  cells: readonly T[],
  signal: AbortSignal,
  work: (cell: T, set: OpenSet, index: number) => Promise<void>,
  onCut: (cell: T) => void = () => undefined,
): Promise<void> {
  let set: OpenSet | null = null;
  let failures = 0;
  try {
    for (const [i, cell] of cells.entries()) {
      try {
        if (set?.name !== cell.set) {
          await set?.close();
          set = null;
          const { path } = imageSets[cell.set];
          const data = path === null ? null : flags[path]!;
          set = await openSet(cell.set, data, join(out, cell.set), cell.settings.count);
        }
        await work(cell, set, i);
      } catch (error) {
        if (signal.aborted) {
          onCut(cell);
          break;
        }
        failures++;
        say(`  failed: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  } finally {
    await set?.close();
  }
  if (signal.aborted) {
    say('stopped; what was cut off starts again with the next call');
    process.exitCode = 130;
  } else if (failures > 0) {
    say(`${failures} of ${cells.length} failed; the next call tries them again`);
    process.exitCode = 1;
  }
}

/** The Python of the peer, if a cell needs one; null if there is none. */
export function pythonFor(cells: readonly Pick<Cell, 'recipe'>[]): string | null {
  const hasPeer = cells.some(({ recipe }) => recipe.kind === 'peer');
  return hasPeer ? findPytorch(flags.python, flags['with-pytorch']) : null;
}
