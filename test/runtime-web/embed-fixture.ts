// Projects outside our tool chain (test/embed) that embed the viewer: copied, given the packed package, built and started.
import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { madeOnce } from '../shared/made-once.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

/** The package of the demo that the fixtures show. */
export const model = resolve('demo', 'models', 'fashion-mnist-32');

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a command with the user's own settings of npm, whatever ours are. */
function run(command: string, args: readonly string[], cwd: string): Promise<Ended> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_(config|package|lifecycle)_/i.test(name)),
  );
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...env, NEXT_TELEMETRY_DISABLED: '1', CI: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', fail);
    child.on('close', (code) => done({ code, output }));
  });
}

/** Runs a command that must succeed; returns its output. Throws Error with the end of its output. */
export async function succeed(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, output } = await run(command, args, cwd);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit ${code}\n${output.slice(-3000)}`);
  return output;
}

/** The tarball of `npm pack` in runtime-web, with its declarations. */
export async function packedViewer(): Promise<string> {
  const folder = await madeOnce('packed-viewer', async (to) => {
    mkdirSync(to, { recursive: true });
    await succeed(
      process.execPath,
      ['node_modules/typescript/bin/tsc', '-p', 'runtime-web/tsconfig.types.json'],
      '.',
    );
    await succeed('npm', ['pack', '--pack-destination', to], 'runtime-web');
  });
  return join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz'))!,
  );
}

/** True if the registry that npm uses answers. */
export async function hasRegistry(): Promise<boolean> {
  return (
    (await run('npm', ['ping', '--fetch-retries=0', '--fetch-timeout=10000'], temporaryFolder())).code === 0
  );
}

/** A copy of a fixture with its locked dependencies, the packed package, and the model in `public/model`. */
export async function installed(name: string): Promise<string> {
  const folder = join(temporaryFolder(), name);
  cpSync(resolve('test', 'embed', name), folder, { recursive: true });
  cpSync(model, join(folder, 'public', 'model'), { recursive: true });
  // Not `npm ci`, which stops where a registry lacks a package that only another system needs.
  await succeed('npm', ['install', '--no-save', await packedViewer()], folder);
  return folder;
}

/** The package, unpacked as npm does it. */
export async function unpacked(): Promise<string> {
  const folder = temporaryFolder();
  await succeed('npm', ['install', '--no-save', '--prefix', folder, await packedViewer()], folder);
  return join(folder, 'node_modules', 'dcgan-viewer');
}

/** A free port of the loopback interface. */
function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}

const answers = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => done(true)).on('error', () => done(false));
    socket.on('connect', () => socket.destroy());
  });

/** A server of a fixture's own. */
export interface FixtureServer {
  readonly origin: string;
  stop(): Promise<void>;
}

/** Starts a script of a fixture's dependencies, which takes the port as its last argument. Throws Error if it does not listen. */
export async function started(
  folder: string,
  script: string,
  ...args: readonly string[]
): Promise<FixtureServer> {
  const port = await freePort();
  const child: ChildProcess = spawn(
    process.execPath,
    [join(folder, 'node_modules', script), ...args, String(port)],
    { cwd: folder, env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }, stdio: 'ignore', detached: true },
  );
  const ended = new Promise<void>((done) => child.on('close', () => done()));
  const stop = async (): Promise<void> => {
    // Its own children too; it may have ended by itself.
    try {
      process.kill(-child.pid!, 'SIGKILL');
    } catch {
      // It has.
    }
    await ended;
  };
  for (let attempt = 0; attempt < 240; attempt++) {
    if (await answers(port)) return { origin: `http://127.0.0.1:${port}`, stop };
    if (child.exitCode !== null) break;
    await new Promise((done) => setTimeout(done, 250));
  }
  await stop();
  throw new Error(`${script} ${args.join(' ')}: does not listen on port ${port}`);
}
