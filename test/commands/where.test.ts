// `--where`: images of attributes, numbers and classes by name. The test's models show the condition as a colour.
import { join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { attributesOfColour, conditionPackage, numbersOfColour, side } from '../shared/condition-package.ts';
import { dcganInTurn } from '../shared/command-line.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('--where');
const ofAttributes = conditionPackage(attributesOfColour);
const ofNumbers = conditionPackage(numbersOfColour);

/** The colours of the images' upper halves, in levels of 255, of a grid in one row. */
async function colours(model: string, seeds: string, ...flags: string[]): Promise<number[][]> {
  const out = join(temporaryFolder(), 'row.png');
  const columns = String(seeds.split(',').length);
  const { code, stderr } = await dcganInTurn(
    ...['sample', model, '--seeds', seeds, '--columns', columns, '--out', out, ...flags],
  );
  assert.is(code, 0, stderr);
  const { data, info } = await sharp(out).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return Array.from({ length: info.width / side }, (_, i) => [
    ...data.subarray(i * side * 3, i * side * 3 + 3),
  ]);
}

async function refusal(...args: string[]): Promise<string> {
  const { code, stderr } = await dcganInTurn(...args, '--out', join(temporaryFolder(), 'x.png'));
  assert.is(code, 2, stderr);
  assert.not.match(stderr, / at /);
  return stderr;
}

// In [-1, 1], 0 is 127 or 128 and 1 is 255.
const [no, yes] = [128, 255];

test('sample shows wanted attributes, and takes the others from the examples in turn', async () => {
  assert.equal(await colours(ofAttributes, '0,1,2,4'), [
    [yes, no, no],
    [no, yes, no],
    [no, yes, yes],
    [yes, no, no],
  ]);
  const text = 'smiling=1 wavy hair=no, "Hat"=yes';
  assert.equal(await colours(ofAttributes, '0,1', '--where', text), [
    [yes, no, yes],
    [yes, no, yes],
  ]);
  assert.equal(await colours(ofAttributes, '0,1', '--where', 'Hat=0 wavy hair'), [
    [no, yes, no],
    [no, yes, no],
  ]);
});

test("sample scales numbers by the model's range", async () => {
  // (v - least) / (most - least) of 255.
  assert.equal(await colours(ofNumbers, '0,1', '--where', 'age=0 turn=30'), [
    [0, 255, 128],
    [0, 255, 128],
  ]);
  const [[age, turn]] = (await colours(ofNumbers, '0', '--where', 'turn=-15 age=80')) as [number[]];
  assert.equal([age, turn], [204, 64]);
});

test('walk keeps the condition from end to end', async () => {
  const out = join(temporaryFolder(), 'walk.png');
  const walk = ['walk', ofAttributes, '--from', '0', '--to', '1', '--steps', '3', '--out', out];
  const { code, stderr } = await dcganInTurn(...walk, '--where', 'Smiling=1 wavy hair=1 Hat=0');
  assert.is(code, 0, stderr);
  const { data } = await sharp(out).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  for (const i of [0, 1, 2]) assert.equal([...data.subarray(i * side * 3, i * side * 3 + 3)], [yes, yes, no]);
});

test('what the model does not have is refused, with its names and ranges', async () => {
  const sample = (model: string, where: string, ...flags: string[]): Promise<string> =>
    refusal('sample', model, '--where', where, ...flags);
  assert.match(
    await sample(ofAttributes, 'smilling=1'),
    /--where smilling=1: got "smilling", expected Smiling \(yes or no\), wavy hair \(yes or no\), Hat \(yes or no\); did you mean 'Smiling'\?/,
  );
  assert.match(
    await sample(ofAttributes, 'Hat=often'),
    /Hat: got "often", expected yes, no or a number from 0 to 1/,
  );
  assert.match(await sample(ofNumbers, 'age=101'), /age: got "101", expected a number from 0 to 100/);
  assert.match(await sample(ofNumbers, 'height=3'), /expected age \(0 to 100\), turn \(-30 to 30\)/);
  assert.match(await sample(ofNumbers, 'age'), /got no value for age, expected age=VALUE/);
  assert.match(
    await sample(ofNumbers, 'age=3', '--label', '1'),
    /--where age=3 and --label 1: contradict each other/,
  );
  assert.match(
    await refusal('sample', ofNumbers, '--label', '1'),
    /--label 1: .*the model has numbers, not classes.*--where 'age=0'/,
  );
});

test.run();
