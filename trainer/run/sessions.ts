// `sessions.jsonl`: one line for each time that a run was started or resumed: when, by which version, on which engine, the commands
// that go on with it, and how it ended. The report shows it.
import { readFile } from 'node:fs/promises';
import { writeFileAtomically } from '../files/atomic-file.ts';
import type { RunFolder } from './run-folder.ts';

/** Commands about a run, ready for a shell in the folder in which training was started. */
export interface RunCommands {
  /** Trains anew with the same settings; null for a run that was imported. */
  readonly repeat: string | null;
  /** Trains on to the planned end. */
  readonly resume: string;
  /** Trains on to twice the planned length. */
  readonly extend: string;
  /** Makes the model package. */
  readonly export: string;
  readonly sample: string;
  readonly walk: string;
  readonly evaluate: string;
  /** Puts the model and the viewer beside a page. */
  readonly embed: readonly string[];
}

/** The end of a session. */
export interface SessionEnd {
  /** ISO 8601. */
  readonly at: string;
  readonly how: 'finished' | 'out of patience' | 'interrupted' | 'failed';
  /** The error of a failed session; null for the others. */
  readonly reason: string | null;
}

/** One session of a run. */
export interface Session {
  /** ISO 8601. */
  readonly startedAt: string;
  /** Updates done before. */
  readonly step: number;
  /** The version of this program. */
  readonly version: string;
  /** `Engine.fingerprint`: the engine, its version, threads and processor. */
  readonly engine: Readonly<Record<string, string | number>>;
  readonly commands: RunCommands;
  /** The recipe of a new run and its reasons, a sentence each; absent without a recipe. */
  readonly recipe?: readonly string[];
  /** Null while the session lasts, and for one whose process was killed. */
  readonly ended: SessionEnd | null;
}

/** Adds a session. */
export async function beginSession(folder: RunFolder, session: Omit<Session, 'ended'>): Promise<void> {
  await write(folder, [...(await readSessions(folder)), { ...session, ended: null }]);
}

/** Records the end of the newest session. */
export async function endSession(folder: RunFolder, end: Omit<SessionEnd, 'at'>): Promise<void> {
  const sessions = await readSessions(folder);
  const newest = sessions.at(-1);
  if (newest === undefined) return;
  await write(folder, [
    ...sessions.slice(0, -1),
    { ...newest, ended: { at: new Date().toISOString(), ...end } },
  ]);
}

/** All sessions, oldest first; none for runs of earlier versions. Lines that are no session are left out. */
export async function readSessions({ sessions }: Pick<RunFolder, 'sessions'>): Promise<readonly Session[]> {
  const text = await readFile(sessions, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => {
    try {
      const session = JSON.parse(line) as Partial<Session> | null;
      const isWhole = typeof session?.startedAt === 'string' && typeof session.commands === 'object';
      return isWhole ? [session as Session] : [];
    } catch {
      return [];
    }
  });
}

async function write({ sessions }: RunFolder, all: readonly Session[]): Promise<void> {
  await writeFileAtomically(sessions, all.map((session) => `${JSON.stringify(session)}\n`).join(''));
}
