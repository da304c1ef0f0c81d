// Downloads wheels with pip: one exact version and hash, for Python 3.12 on Linux x64, whatever pip's own Python is. Nothing is
// installed.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../trainer/errors.ts';
import type { Wheel } from './wheels.ts';

/** A command that runs pip; null if there is none. */
export function findPip(): readonly string[] | null {
  const candidates = [['pip3'], ['pip'], ['python3', '-m', 'pip'], ['python', '-m', 'pip']];
  return (
    candidates.find(([command, ...args]) => {
      const { status } = spawnSync(command!, [...args, '--version'], { stdio: 'ignore' });
      return status === 0;
    }) ?? null
  );
}

/** The command with which a user fetches the wheel that is expected, with any Python. */
export function fetchCommand({ name, version }: Wheel): string {
  return `pip download --no-deps --only-binary=:all: --python-version 312 --platform manylinux_2_17_x86_64 ${name}==${version}`;
}

/** Downloads one wheel into its own subfolder; resolves to its path. pip's progress goes to stderr. Throws UserError if pip fails. */
export async function downloadWheel(
  pip: readonly string[],
  { name, version, sha256 }: Wheel,
  folder: string,
): Promise<string> {
  const into = join(folder, name);
  mkdirSync(into, { recursive: true });
  const requirement = join(into, 'requirement.txt');
  writeFileSync(requirement, `${name}==${version} --hash=sha256:${sha256}\n`);
  const [command, ...args] = [...pip, 'download', '--no-deps', '--only-binary=:all:', '--require-hashes'];
  args.push('--python-version', '312', '--implementation', 'cp', '--abi', 'cp312', '--abi', 'none');
  for (const platform of ['manylinux_2_17_x86_64', 'manylinux2014_x86_64']) args.push('--platform', platform);
  args.push('--disable-pip-version-check', '--dest', into, '--requirement', requirement);
  const { code, errors } = await run(command!, args);
  const file = readdirSync(into).find((entry) => entry.endsWith('.whl'));
  if (code !== 0 || file === undefined) {
    const why = errors.split('\n').findLast((line) => line.startsWith('ERROR:')) ?? `exit code ${code}`;
    throw new UserError(
      `${name} ${version} could not be downloaded (${why.replace(/^ERROR:\s*/, '').trim()}); ` +
        'if there is no network, fetch the wheel elsewhere and name it with --wheel FILE',
    );
  }
  return join(into, file);
}

function run(command: string, args: readonly string[]): Promise<{ code: number | null; errors: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => process.stderr.write(chunk));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.on('error', (error) => resolve({ code: null, errors: `ERROR: ${error.message}` }));
    child.on('close', (code) => resolve({ code, errors }));
  });
}
