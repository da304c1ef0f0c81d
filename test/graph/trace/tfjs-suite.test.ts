// tfjs-core ships the tests that its own backends have to pass. Here they test the recorder, our gradients and the
// lowering together (tfjs-suite/run-specs.ts). Specs that cannot pass are listed with the reason, and the list is
// exact: a listed spec that passes is an error too.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { build } from 'esbuild';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { lastLine, type SpecReport } from './tfjs-suite/spec-report.ts';

interface Excluded {
  /** Test files that are not run, with the reason. */
  readonly files: Readonly<Record<string, string>>;
  /** Specs that fail, with the reason. */
  readonly specs: readonly { readonly reason: string; readonly names: readonly string[] }[];
}

const root = join('node_modules', '@tensorflow', 'tfjs-core', 'dist');
const excluded = JSON.parse(readFileSync('test/graph/trace/tfjs-suite/excluded.json', 'utf8')) as Excluded;
const excludedSpecs = new Set(excluded.specs.flatMap(({ names }) => names));

/** tfjs's test files of ops, optimisers, gradients and tensors. */
function testFiles(): string[] {
  const below = (folder: string): string[] =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('_test.js'))
      .map((name) => `${folder}/${name}`)
      .sort();
  return [...below('ops'), ...below('optimizers'), 'gradients_test.js', 'tensor_test.js', 'variable_test.js'];
}

/** Bundles the specs with one copy of tfjs-core, into the checkout, where packages are found. */
async function bundle(files: readonly string[]): Promise<string> {
  const outfile = join('dist', 'tfjs-suite', 'specs.js');
  const lines = files.map(
    (file) => `define('${file}', () => require('@tensorflow/tfjs-core/dist/${file}'));`,
  );
  await build({
    stdin: {
      contents: `import { define, execute } from './tfjs-suite/run-specs.ts';\n${lines.join('\n')}\nawait execute();`,
      resolveDir: join('test', 'graph', 'trace'),
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    mainFields: ['module', 'main'],
    ignoreAnnotations: true, // the package says that its tests have no side effects
    external: ['onnxruntime-node', 'protobufjs'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  return outfile;
}

/** Runs a bundle and returns what its specs came to. */
function run(file: string): Promise<{ readonly reports: SpecReport[]; readonly hasEnded: boolean }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'ignore'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', () => {
      const lines = output.split('\n').filter((line) => line.startsWith('{"name"'));
      const hasEnded = output.endsWith(`${lastLine}\n`);
      resolve({ hasEnded, reports: lines.map((line) => JSON.parse(line) as SpecReport) });
    });
  });
}

const files = testFiles().filter((file) => !(file in excluded.files));
const { reports, hasEnded } = await run(await bundle(files));
const failed = reports.filter(({ status }) => status === 'failed');

const tfjs = suite("tfjs-core's own tests");

tfjs('they run to the end', () => {
  assert.ok(hasEnded);
  const ran = new Set(reports.map(({ name }) => name.split(' ')[0]!));
  assert.equal(
    files.filter((file) => !ran.has(file)),
    [],
  );
});

tfjs('more than 2900 specs pass', () => {
  const passed = reports.filter(({ status }) => status === 'passed').length;
  assert.ok(passed > 2900, `${passed} passed`);
});

tfjs('every spec that fails is excluded, with a reason', () => {
  const unexpected = failed.filter(({ name }) => !excludedSpecs.has(name));
  assert.is(
    unexpected.length,
    0,
    unexpected.map(({ name, failures }) => `${name}: ${failures[0]}`).join('\n'),
  );
});

tfjs('every excluded spec and file exists, and every excluded spec fails', () => {
  const names = new Set(failed.map(({ name }) => name));
  assert.equal(
    [...excludedSpecs].filter((name) => !names.has(name)),
    [],
  );
  const all = new Set(testFiles());
  assert.equal(
    Object.keys(excluded.files).filter((file) => !all.has(file)),
    [],
  );
});

tfjs.run();
