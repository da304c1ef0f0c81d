// Every bundle this project makes: `node esbuild.config.mjs [trainer] [test] …` (all, when none is named).
// Packages stay external: there must be exactly one copy of tfjs-core in a process (see trainer/trace/gradients/register.ts).
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';

/** Files below `folder` whose names end with `ending`. */
function filesBelow(folder, ending) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name));
}

const node = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  packages: 'external',
  splitting: true,
  sourcemap: true,
  logLevel: 'warning',
};

const bundles = {
  trainer: () =>
    build({
      ...node,
      entryPoints: {
        cli: 'trainer/cli.ts',
        'trace/index': 'trainer/trace/index.ts',
        'batch-thread-worker': 'trainer/data/batch-thread-worker.ts',
      },
      outdir: 'dist/trainer',
    }),
  scripts: () =>
    build({
      ...node,
      entryPoints: {
        bench: 'scripts/bench.ts',
        'bench-gpu': 'scripts/bench-gpu.ts',
        'bench/training-step': 'scripts/bench/training-step.ts',
        'setup-tensorflow': 'scripts/setup-tensorflow.ts',
      },
      outdir: 'dist/scripts',
    }),
  test: () =>
    build({ ...node, entryPoints: filesBelow('test', '.test.ts'), outbase: 'test', outdir: 'dist/test' }),
};

const wanted = process.argv.slice(2);
for (const name of wanted) {
  if (!(name in bundles)) {
    console.error(`esbuild.config.mjs: no bundle '${name}'; there are: ${Object.keys(bundles).join(', ')}`);
    process.exit(2);
  }
}
for (const [name, make] of Object.entries(bundles)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  // Old suites must not run; other bundles are written over, because a run may be using them.
  if (name === 'test') rmSync(join('dist', name), { recursive: true, force: true });
  await make();
}
