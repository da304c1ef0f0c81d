// `dcgan/trace` as an installed package: a plain script that imports the built files, and strict TypeScript against the declarations.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('dcgan/trace from outside');

const folder = temporaryFolder();
const installed = join(folder, 'node_modules', 'dcgan');
mkdirSync(join(installed, 'dist'), { recursive: true });
copyFileSync('package.json', join(installed, 'package.json'));
symlinkSync(resolve('dist', 'trainer'), join(installed, 'dist', 'trainer'));
for (const name of ['@tensorflow', '@types', 'onnxruntime-node'])
  symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name));
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');

/** Runs the program in the folder; resolves to what it prints. */
function run(program: string): string {
  writeFileSync(join(folder, 'program.js'), program);
  const { status, stdout, stderr } = spawnSync(process.execPath, ['program.js'], {
    cwd: folder,
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
  return stdout;
}

const head = `
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { lower, record, replay } from 'dcgan/trace';
await tf.setBackend('cpu');
const failure = (work) => { try { work(); return 'none'; } catch (error) { return error.name + ' ' + error.message; } };
const spec = { x: { shape: [2, 3], dtype: 'float32' } };
`;

test('replay takes tensors, which stay, and plain values', () => {
  const program = `${head}
const graph = record(({ x }) => ({ y: tf.mul(x, 2) }), spec);
const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [2, 3]);
const fromTensor = await replay(graph, { x });
const fromValues = await replay(graph, { x: { shape: [2, 3], dtype: 'float32', data: Float32Array.of(1, 2, 3, 4, 5, 6) } });
console.log(JSON.stringify([fromTensor.y, fromValues.y].map(({ shape, data }) => [shape, ...data])), x.isDisposed);`;
  const row = [[2, 3], 2, 4, 6, 8, 10, 12];
  assert.is(run(program), `${JSON.stringify([row, row])} false\n`);
});

test('a batch pair gives a file that runs at every size; anything else as batch is refused with what to give', () => {
  const program = `${head}
import { InferenceSession, Tensor } from 'onnxruntime-node';
const at = (n) => record(({ x }) => ({ y: tf.relu(x) }), { x: { shape: [n, 3], dtype: 'float32' } });
const bytes = lower(at(8), { batch: { batch: 8, otherBatch: 12, otherGraph: at(12) } });
const session = await InferenceSession.create(bytes);
const { y } = await session.run({ x: new Tensor('float32', Float32Array.of(-1, 2, -3), [1, 3]) });
console.log(JSON.stringify([y.dims, ...y.data]));
for (const batch of ['n', 8, {}, { batch: 8, otherBatch: 8, otherGraph: at(8) }])
  console.log(failure(() => lower(at(8), { batch })));`;
  const [result, ...messages] = run(program).trim().split('\n');
  assert.is(result, '[[1,3],0,2,0]');
  assert.is(messages.length, 4);
  for (const message of messages)
    assert.match(
      message,
      /^TypeError lower\(\): batch: got .*, expected \{ batch, otherBatch, otherGraph \}/,
    );
});

test('unknown weights and layouts, and functions that return no outputs by name, are refused', () => {
  const program = `${head}
const graph = record(({ x }) => ({ y: tf.relu(x) }), spec);
const weight = { shape: [2, 3], dtype: 'float32', data: new Float32Array(6) };
console.log(failure(() => lower(graph, { weights: { z: weight } })));
console.log(failure(() => lower(graph, { layouts: { z: [0, 1] } })));
for (const result of [undefined, null, 3]) console.log(failure(() => record(() => result, spec)));
console.log(failure(() => record(({ x }) => tf.relu(x), spec)));
console.log(failure(() => record(({ x }) => [tf.relu(x)], spec)));`;
  assert.equal(run(program).trim().split('\n'), [
    "RangeError lower(): weight 'z': the graph has no such input, expected some of x",
    "RangeError lower(): layout 'z': the graph has no such input or output, expected some of x, y",
    ...['undefined', 'null', '3', 'a tensor', 'a list'].map(
      (got) =>
        `TypeError record(): the function returned ${got}, expected its outputs by name, such as { y }`,
    ),
  ]);
});

test('the declarations resolve and hold in strict TypeScript', () => {
  const tsc = (cwd: string, ...args: readonly string[]): void => {
    const compiler = resolve('node_modules', 'typescript', 'bin', 'tsc');
    const { status, stdout } = spawnSync(process.execPath, [compiler, ...args], { cwd, encoding: 'utf8' });
    assert.is(status, 0, stdout);
  };
  tsc('.', '-p', 'tsconfig.types.json', '--outDir', join(installed, 'dist', 'types'));
  writeFileSync(
    join(folder, 'sample.ts'),
    `import * as tf from '@tensorflow/tfjs-core';
import { lower, record, replay, type BatchPair, type Graph, type HostTensor } from 'dcgan/trace';
const at = (n: number): Graph =>
  record(({ x }) => ({ y: tf.relu(x!) }), { x: { shape: [n, 3], dtype: 'float32' } });
const batch: BatchPair = { batch: 8, otherBatch: 12, otherGraph: at(12) };
export const bytes: Uint8Array = lower(at(8), { batch });
export const outputs: Promise<Record<string, HostTensor>> = replay(at(8), { x: tf.ones([8, 3]) });
// @ts-expect-error: the symbol's name is not chosen
lower(at(8), { batch: 'n' });
`,
  );
  const strict = '--noEmit --strict --noUncheckedIndexedAccess --exactOptionalPropertyTypes --skipLibCheck';
  tsc(folder, ...strict.split(' '), '--module', 'nodenext', '--target', 'es2022', 'sample.ts');
});

test.run();
