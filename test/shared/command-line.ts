// Runs the real command line, as it was bundled before the tests, and makes small folders of images to train on.
import { fork, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import sharp from 'sharp';
import type { Model } from '../../runtime-web/format/model.ts';
import { temporaryFolder } from './temporary-folder.ts';

const program = resolve('dist', 'trainer', 'cli.js');
if (!existsSync(program)) throw new Error(`${program} is missing: run node esbuild.config.mjs trainer first`);
/** The environment of every command. */
export const environment = { ...process.env, DCGAN_CACHE: temporaryFolder(), FORCE_COLOR: '0' };

/** The exit code, signal and output of a command. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running command. */
export interface Running {
  readonly ended: Promise<Ending>;
  kill(signal: NodeJS.Signals): void;
  /** Closes stdout, as a reader that goes away does. */
  closeStdout(): void;
  /** Resolves when stdout holds `text`, or the command has ended. */
  printed(text: string): Promise<void>;
  /** Resolves to the first whole line of stdout that holds `text`. Rejects if the command ends without one. */
  printedLine(text: string): Promise<string>;
}

/** Starts `dcgan ARGS`. With `shell`, a shell's command in front (`ulimit -f 9;`). */
export function start(args: readonly string[], { shell = '', cwd = process.cwd() } = {}): Running {
  const command = [process.execPath, '--enable-source-maps', program, ...args];
  const [file, rest] =
    shell === ''
      ? [command[0]!, command.slice(1)]
      : ['bash', ['-c', `${shell} exec "$@"`, 'bash', ...command]];
  const child = spawn(file, rest, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  const waiting: { readonly text: string; readonly done: () => void }[] = [];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    for (const { text, done } of waiting) if (stdout.includes(text)) done();
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<Ending>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => {
      for (const waiter of waiting) waiter.done();
      done({ code, signal, stdout, stderr });
    });
  });
  const printed = (text: string): Promise<void> =>
    new Promise((done) => {
      if (stdout.includes(text) || child.exitCode !== null) done();
      else waiting.push({ text, done });
    });
  return {
    ended,
    kill: (signal) => void child.kill(signal),
    closeStdout: () => child.stdout.destroy(),
    printed,
    async printedLine(text) {
      for (;;) {
        const line = stdout
          .split('\n')
          .slice(0, -1)
          .find((printedText) => printedText.includes(text));
        if (line !== undefined) return line;
        if (child.exitCode !== null) throw new Error(`ended without ${text}: ${stderr}`);
        await Promise.race([ended, new Promise((done) => child.stdout.once('data', done))]);
      }
    },
  };
}

/** Runs `dcgan ARGS` to its end. */
export function dcgan(...args: readonly string[]): Promise<Ending> {
  return start(args).ended;
}

let shared: ChildProcess | null = null;
let previous: Promise<unknown> = Promise.resolve();

/**
 * Runs `dcgan ARGS` in one process that all such calls of a suite share, one after another. Starting a process takes ten
 * times as long as a refusal, so this is for commands that end at once.
 */
export function dcganInTurn(...args: readonly string[]): Promise<Ending> {
  const child = (shared ??= startShared());
  const ending = previous.then(
    () =>
      new Promise<Ending>((done, fail) => {
        const died = (): void => fail(new Error(`the shared process ended during dcgan ${args.join(' ')}`));
        child.once('exit', died);
        child.once('message', (message) => {
          child.off('exit', died);
          child.channel?.unref();
          done(message as Ending);
        });
        child.channel?.ref();
        child.send(args);
      }),
  );
  previous = ending.catch(() => undefined);
  return ending;
}

function startShared(): ChildProcess {
  const child = fork(resolve('test', 'shared', 'run-in-turn.mjs'), [program], {
    env: environment,
    execArgv: ['--enable-source-maps'],
  });
  child.unref();
  return child;
}

/** A folder of `count` pictures of 16x16: discs that differ in place, size and colour. */
export async function smallPictures(count = 40): Promise<string> {
  const folder = temporaryFolder();
  for (let i = 0; i < count; i++) {
    const pixels = new Uint8Array(16 * 16 * 3);
    for (let k = 0; k < 256; k++) {
      const isInside = Math.hypot((k % 16) - 4 - (i % 8), (k >> 4) - 4 - ((i >> 3) % 8)) < 3 + (i % 3);
      pixels.set(isInside ? [200, (i * 6) % 256, 90 + i] : [30, 60, 90 + i], 3 * k);
    }
    const name = join(folder, `${String(i).padStart(3, '0')}.png`);
    await sharp(pixels, { raw: { width: 16, height: 16, channels: 3 } })
      .png()
      .toFile(name);
  }
  return folder;
}

/** A folder of `count` stickers of 40x60 as PNG: a disc of one colour on nothing, or on opaque green. */
export async function stickers(count = 30, isOpaque = false): Promise<string> {
  const folder = join(temporaryFolder(), 'stickers');
  mkdirSync(folder);
  for (let i = 0; i < count; i++) {
    const pixels = new Uint8Array(40 * 60 * 4);
    for (let k = 0; k < 2400; k++) {
      const isInside = Math.hypot((k % 40) - 20, Math.floor(k / 40) - 15 - i) < 12;
      pixels.set(isInside ? [255, 8 * i, 0, 255] : [0, 255, 0, isOpaque ? 255 : 0], 4 * k);
    }
    await sharp(pixels, { raw: { width: 40, height: 60, channels: 4 } })
      .png()
      .toFile(join(folder, `${100 + i}.png`));
  }
  return folder;
}

/** The images of {@link smallPictures}, dealt to a folder for each class. */
export async function labelledPictures(count: number, classes: readonly string[]): Promise<string> {
  const folder = await smallPictures(count);
  const files = readdirSync(folder).sort();
  for (const name of classes) mkdirSync(join(folder, name));
  for (const [i, file] of files.entries()) {
    renameSync(join(folder, file), join(folder, classes[i % classes.length]!, file));
  }
  return folder;
}

/** Flags of a run that takes a second: the smallest networks, and reports, samples and checkpoints all the time. */
export function smallRun(data: string, out: string, steps: number): readonly string[] {
  const flags =
    '--image-size 16 --base-width 4 --latent 8 --batch 8 --sample-count 4 --engine onnx-cpu --threads 2 ' +
    '--report-every 2 --sample-every 50 --checkpoint-every 4 --json';
  return [
    'train',
    '--data',
    data,
    '--out',
    out,
    '--preset',
    'default',
    '--steps',
    String(steps),
    ...flags.split(' '),
  ];
}

/** The JSON lines of a command's stdout. */
export function jsonLines(stdout: string): readonly Record<string, unknown>[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** The `model.json` of a run. */
export function modelOf(run: string): Model {
  return JSON.parse(readFileSync(join(run, 'model', 'model.json'), 'utf8')) as Model;
}
