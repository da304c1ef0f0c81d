// Compiles tfjs-node-gpu's binding against the unpacked headers and libraries. It is two C++ files on Node-API, whose ABI is
// the same for every Node from 20 on, so it needs node-api-headers but not node-gyp.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { UserError } from '../../trainer/errors.ts';
import { bindingFile, bindingPackage } from '../../trainer/engine/tensorflow/installation.ts';

/** A C++ compiler's command. Throws UserError if there is none. */
export function findCompiler(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment['CXX'];
  const candidates = named !== undefined && named !== '' ? [named] : ['c++', 'g++', 'clang++'];
  const found = candidates.find(
    (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).status === 0,
  );
  if (found !== undefined) return found;
  throw new UserError(
    `no C++ compiler (tried ${candidates.join(', ')}); install one, on Debian and Ubuntu with ` +
      '`apt-get install g++`, or name it in the environment variable CXX',
  );
}

/** The folder of Node-API's headers. Throws UserError if it is missing. */
export function findNodeHeaders(): string {
  const require = createRequire(import.meta.url);
  try {
    const folder = join(dirname(require.resolve('node-api-headers/package.json')), 'include');
    if (existsSync(join(folder, 'node_api.h'))) return folder;
  } catch {
    // Reported below.
  }
  throw new UserError("Node-API's headers are missing (the package node-api-headers); install dcgan again");
}

/**
 * Compiles the binding into `folder`. The binding looks for its libraries in `home`, to which the folder is renamed later.
 * Throws UserError with the compiler's first error.
 */
export function compileBinding(compiler: string, headers: string, folder: string, home: string): void {
  const source = bindingPackage();
  const libraries = readdirSync(join(folder, 'lib')).map((name) => `-l:${name}`);
  const args = ['-O2', '-std=c++17', '-shared', '-fPIC', '-w', '-DNAPI_VERSION=8'];
  for (const include of [source, join(source, 'binding'), join(folder, 'include'), headers]) {
    args.push('-I', include);
  }
  for (const file of ['tfjs_backend.cc', 'tfjs_binding.cc']) args.push(join(source, 'binding', file));
  args.push('-L', join(folder, 'lib'), ...libraries, `-Wl,-rpath,${join(home, 'lib')}`);
  args.push('-o', join(folder, bindingFile));
  const { status, stderr } = spawnSync(compiler, args, { encoding: 'utf8' });
  if (status === 0) return;
  const lines = stderr.split('\n');
  const first = lines.find((line) => /error|cannot find|undefined reference/.test(line)) ?? lines[0] ?? '';
  throw new UserError(`the binding could not be compiled with ${compiler}: ${first.trim()}`);
}
