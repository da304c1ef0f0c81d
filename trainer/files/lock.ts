// Allows one process per run folder: a `lock` file, created exclusively, names its holder. If the holder no longer exists (killed, or
// the machine restarted), the lock is taken over. A process is identified by its number and start time, because numbers are reused,
// in containers very often.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { UserError } from '../errors.ts';
import { diskReason } from './disk.ts';

/** Held until released; releasing twice does nothing, and release never throws. */
export interface RunLock {
  release(): void;
}

/** The holder of a lock: machine, process number, and the process's start time (null where it cannot be read). */
interface Holder {
  readonly host: string;
  readonly pid: number;
  readonly started: string | null;
}

/**
 * Takes the lock file `path`. Throws UserError if a live process holds it (the message names the process and says `busy`), or if
 * the folder cannot be written to.
 */
export function lockRun(path: string, busy = 'another run is at work in this folder'): RunLock {
  try {
    return takeLock(path, busy);
  } catch (error) {
    const reason = diskReason(error);
    if (reason === null) throw error;
    throw new UserError(
      `${dirname(path)}: cannot write there (${reason}); a run writes into its own folder only`,
    );
  }
}

function takeLock(path: string, busy: string): RunLock {
  const me: Holder = { host: hostname(), pid: process.pid, started: startOf(process.pid) };
  const mine = JSON.stringify(me);
  for (let attempt = 0; attempt < 5; attempt++) {
    if (createWhole(path, mine)) return { release: () => releaseIfMine(path, mine) };
    const text = readOrNull(path);
    if (text === null) continue;
    const holder = parseHolder(text);
    if (holder !== null && isAlive(holder, me)) {
      const where = holder.host === me.host ? '' : ` on ${holder.host}`;
      throw new UserError(
        `${dirname(path)}: ${busy} (process ${holder.pid}${where}); ` +
          `wait for it or stop it${where === '' ? '' : `, and if it is no more, delete ${path}`}`,
      );
    }
    moveAside(path, text);
  }
  throw new UserError(`${dirname(path)}: other processes keep taking the lock of this folder; try again`);
}

/** Creates the file together with its content, as a hard link to a finished file; false if it exists already. */
function createWhole(path: string, content: string): boolean {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content);
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // ENOENT: the lock's holder has just removed leftover temporary files from the folder, this one too.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    // The file system has no links: create exclusively; the content follows a moment later.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'ENOSYS') return createExclusively(path, content);
    throw error;
  } finally {
    rmSync(temporary, { force: true });
  }
}

function createExclusively(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a dead holder's lock file. If another process has taken the lock since, its file is put back. */
function moveAside(path: string, dead: string): void {
  const aside = `${path}.${process.pid}.stale.tmp`;
  try {
    renameSync(path, aside);
    if (readOrNull(aside) !== dead) linkSync(aside, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
  } finally {
    rmSync(aside, { force: true });
  }
}

function releaseIfMine(path: string, mine: string): void {
  try {
    if (readOrNull(path) === mine) rmSync(path, { force: true });
  } catch {
    // The disk does not take it, which has ended the run with its own message. The next run finds the holder gone.
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function parseHolder(text: string): Holder | null {
  try {
    const { host, pid, started } = JSON.parse(text) as Partial<Holder>;
    // Numbers below 1 are no process: `kill` takes them for groups, which are always there.
    return typeof host === 'string' && Number.isInteger(pid) && Number(pid) >= 1
      ? { host, pid: Number(pid), started: typeof started === 'string' ? started : null }
      : null;
  } catch {
    return null;
  }
}

/** True if the holder still exists. Processes of other machines cannot be checked and count as alive. */
function isAlive(holder: Holder, me: Holder): boolean {
  if (holder.host !== me.host) return true;
  if (holder.started !== null && me.started !== null) return startOf(holder.pid) === holder.started;
  return isProcess(holder.pid);
}

/** True if this machine has a process of that number, which is at least 1. */
export function isProcess(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Boot identifier and start time of a process, from Linux's /proc; null on other systems and for a process that has ended. */
function startOf(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in brackets and may hold anything; the 22nd is the start time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isGone = fields[0] === 'Z' || fields[0] === 'X';
    return isGone ? null : `${boot}/${fields[19] ?? ''}`;
  } catch {
    return null;
  }
}
