// The discriminator of the realism term, by the real commands: logits without a zero of their own may be shifted at will.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { pixelWeights } from '../../runtime-web/format/restoring/finish.ts';
import { termWeights } from '../../runtime-web/format/restoring/task.ts';
import type { HostTensor } from '../../trainer/graph/trace/graph.ts';
import { toFloats } from '../../trainer/pictures/pixels.ts';
import { saveCheckpoint } from '../../trainer/run/checkpoint.ts';
import { findCheckpoint } from '../../trainer/run/find-checkpoint.ts';
import type { RunFolder } from '../../trainer/run/run-folder.ts';
import { makeTinyRun } from '../export/tiny-run.ts';
import { runModel } from '../graph/lower/run-graph.ts';
import { dcgan, jsonLines, smallPictures } from '../shared/command-line.ts';
import { smallConfig } from '../shared/small-config.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';
import { packageBytes } from '../shared/package-bytes.ts';

const test = suite('restore and its file with logits that have no zero');
const data = await smallPictures();
const image = join(data, '003.png');
const config = { ...smallConfig, data, objective: 'relativistic', discriminatorNorm: 'none' } as const;
const run = await makeTinyRun(temporaryFolder(), config);
const original = (await findCheckpoint(run, 'last')).checkpoint;

/** Writes the run's checkpoint with D's logits multiplied by `sign`, and `shift` added. */
async function changeLogits(folder: RunFolder, sign: number, shift: number): Promise<void> {
  const changed = (name: string, change: (value: number) => number) => ({
    [name]: { ...original.state[name]!, data: Float32Array.from(original.state[name]!.data, change) },
  });
  const state = {
    ...original.state,
    ...changed('discriminator/logit/kernel', (value) => sign * value),
    ...changed('discriminator/logit/bias', (value) => sign * value + shift),
  };
  await saveCheckpoint(folder.checkpoints, state, original.metadata, 1);
}

/** The latent and the loss that `restore` finds, and what it prints on stderr. */
async function restored(path: string, realism: string) {
  const out = join(temporaryFolder(), 'out');
  const flags = ['--task', 'denoise', '--realism', realism, '--updates', '4', '--restarts', '1', '--json'];
  const { code, stderr } = await dcgan('restore', path, image, '--out', out, ...flags);
  assert.is(code, 0, stderr);
  const finding = JSON.parse(readFileSync(join(out, 'finding.json'), 'utf8')) as {
    readonly data: { readonly pictures: readonly [{ readonly z: number[]; readonly loss: number }] };
  };
  return { ...finding.data.pictures[0], stderr };
}

/** The loss that the exported file computes for a latent and the same image. */
async function lossOfFile(z: readonly number[]): Promise<number> {
  const out = join(temporaryFolder(), 'model');
  const { code, stdout, stderr } = await dcgan('export', run.path, '--restoring', '--out', out, '--json');
  assert.is(code, 0, stderr);
  assert.match(stdout, /calibrated restoring\.onnx on 40 training images and as many generated ones/);
  assert.equal(jsonLines(stdout).at(-1)!['warnings'], []);
  const tensor = (shape: readonly number[], values: ArrayLike<number>): HostTensor => ({
    shape,
    dtype: 'float32',
    data: Float32Array.from(values),
  });
  const picture = toFloats(await sharp(image).raw().toBuffer());
  const weights = pixelWeights({
    task: 'denoise',
    picture,
    mask: null,
    width: 16,
    height: 16,
    channels: 3,
  });
  const terms = Object.entries(termWeights('denoise', 1)).map(([name, value]) => [name, tensor([], [value])]);
  const { loss } = await runModel(await packageBytes(out, 'restoring'), {
    z: tensor([1, 8], z),
    first: tensor([1, 8], new Float32Array(8)),
    second: tensor([1, 8], new Float32Array(8)),
    update: tensor([], [1]),
    rate: tensor([], [0]),
    image: tensor([1, 16, 16, 3], picture),
    weights: tensor([1, 16, 16, 1], weights),
    ...(Object.fromEntries(terms) as Record<string, HostTensor>),
  });
  return loss!.data[0]!;
}

const farthest = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
/** The sign with which real images have the higher logits. */
let sign = 1;

test('logits that generated images have the higher ones of stay raw, with a warning of one line', async () => {
  const complaints: string[] = [];
  for (const tried of [1, -1]) {
    await changeLogits(run, tried, 0);
    const { stderr } = await restored(run.path, '1');
    if (stderr === '') sign = tried;
    else complaints.push(stderr);
  }
  assert.is(complaints.length, 1);
  assert.match(
    complaints[0]!,
    /^warning: the discriminator has raw logits, with which --realism may do nothing: the logits of 40 real images of .*\n$/,
  );
});

test('a shift of all logits by 40 changes neither what restore finds nor the exported file', async () => {
  await changeLogits(run, sign, 0);
  const [found, without] = [await restored(run.path, '1'), await restored(run.path, '0')];
  const loss = await lossOfFile(found.z);
  await changeLogits(run, sign, 40);
  const shifted = await restored(run.path, '1');
  assert.is(found.stderr + without.stderr + shifted.stderr, '');
  assert.ok(farthest(found.z, without.z) > 0.02, `the term moves latents: ${farthest(found.z, without.z)}`);
  assert.ok(farthest(found.z, shifted.z) < 1e-3, `${farthest(found.z, shifted.z)}`);
  // Logits of 40 are exact to 4e-6, and the calibration multiplies that.
  assert.ok(Math.abs(shifted.loss - found.loss) < 1e-3, `${shifted.loss}, ${found.loss}`);
  // The file's weights are rounded to half precision.
  assert.ok(Math.abs(loss - found.loss) < 0.02, `${loss} by the file, ${found.loss} by the command`);
  const lossShifted = await lossOfFile(found.z);
  assert.ok(Math.abs(lossShifted - loss) < 2e-3, `${lossShifted}, ${loss}`);
});

test('without its images a run restores with raw logits and says so in one line', async () => {
  const lost = await makeTinyRun(temporaryFolder(), { ...config, data: '/nowhere/pictures' });
  const { stderr } = await restored(lost.path, '1');
  assert.match(
    stderr,
    /^warning: the discriminator has raw logits, .*images are not at hand .*give --data with their present path\n$/,
  );
  assert.is((await restored(lost.path, '0')).stderr, '', 'without the term nothing needs them');
  const { code, stderr: refusal } = await dcgan(
    ...['restore', lost.path, image, '--demonstrate', '--centre', '0.2'],
  );
  assert.is(code, 2);
  assert.match(refusal, /restoring compares with the nearest training images: give them with --data/);
});

test.run();
