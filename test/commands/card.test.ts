// `dcgan card`, spawned: what is measured, trained and stated, kept from card to card, for models with and without a run.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Card } from '../../trainer/card/card.ts';
import {
  dcgan,
  dcganInTurn,
  jsonLines,
  modelOf,
  smallPictures,
  smallRun,
  start,
} from '../shared/command-line.ts';
import { conditionPackage, numbersOfColour, side } from '../shared/condition-package.ts';
import { temporaryFolder } from '../shared/temporary-folder.ts';

const test = suite('dcgan card');
const data = await smallPictures();
const trained = await dcgan(...smallRun(data, temporaryFolder(), 4));
const run = String(jsonLines(trained.stdout).at(-1)!['runDir']);

async function cardOf(...args: readonly string[]): Promise<{ card: Card; text: string; stdout: string }> {
  const { code, stdout, stderr } = await dcganInTurn('card', ...args);
  assert.is(code, 0, stderr);
  const out = join(run, 'card.md');
  return {
    card: JSON.parse(readFileSync(out.replace('.md', '.json'), 'utf8')) as Card,
    text: readFileSync(out, 'utf8'),
    stdout,
  };
}

async function refusal(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await dcganInTurn('card', ...args);
  assert.is(code, 2, stderr);
  assert.is(stderr.trim().split('\n').length, 1, stderr);
  return stderr;
}

test('the card of a run has its training record, files, figures, audit and verdict, and no path of the run', async () => {
  const path = join(run, 'model', 'model.json');
  const model = modelOf(run);
  const metrics = [{ name: 'frechet', value: 3.25, protocol: { network: 'n', b: '/home/anna/pics/cats' } }];
  writeFileSync(path, JSON.stringify({ ...model, metrics }));
  mkdirSync(join(run, 'analysis', 'audit'), { recursive: true });
  const audit = {
    name: 'audit',
    title: 'May it be published?',
    summary: `Audited with ${data}.`,
    step: 4,
    tables: [
      { caption: 'Figures of the audit', columns: ['figure', 'value'], rows: [['AUC', 0.51234567]] },
      { caption: 'What this cannot see', columns: [''], rows: [['Rare copies.']] },
    ],
    pictures: [{ file: 'nearest.png', caption: 'Training images' }],
    data: { verdict: 'no sign of memorisation' },
  };
  writeFileSync(join(run, 'analysis', 'audit', 'finding.json'), JSON.stringify(audit));
  const { card, text } = await cardOf(run);
  const { training, files } = model;
  assert.equal(card.training, training);
  assert.equal(
    card.model.files.map(({ role, ...file }) => [role, file]),
    Object.entries(files),
  );
  assert.is(card.model.network, 'DCGAN');
  assert.match(
    card.session!.command!,
    `npx dcgan train --preset default --data ${basename(data)} --image-size 16 `,
  );
  assert.match(card.session!.command!, / --steps 4 /);
  assert.not.match(card.session!.command!, '--out');
  assert.is(card.audit?.verdict, 'no sign of memorisation');
  assert.is(card.verdict?.kind, 'too early');
  for (const line of [
    '| frechet | 3.25 |',
    '| b | cats |',
    '| Verdict | no sign of memorisation |',
    '| AUC | 0.51235 |',
    '| Rare copies. |',
    '| Steps | 4 |',
    '| Images | 40 |',
    'Too early to say',
  ]) {
    assert.match(text, line);
  }
  for (const place of [data, run, '/home/anna']) {
    assert.not.match(text, place);
    assert.not.match(JSON.stringify(card), place);
  }
  assert.not.match(text, 'nearest.png');
  const { width, height } = await sharp(join(run, 'card.png')).metadata();
  assert.equal([width! / height!, width! % (8 * 16)], [2, 0]);
});

test('statements are kept by later cards, replaced when given again, and removed by an empty text', async () => {
  const flags = [
    '--dataset',
    'discs',
    '--licence',
    'CC0',
    '--author',
    'A',
    '--failure',
    'blurred',
    '--failure',
    'pale',
  ];
  const first = await cardOf(run, ...flags);
  assert.match(first.stdout, 'not stated: --model-licence, --contact, --intended');
  const second = await cardOf(run, '--author', 'B', '--dataset', '');
  assert.equal(second.card.stated, {
    dataset: null,
    licence: 'CC0',
    modelLicence: null,
    author: 'B',
    contact: null,
    intended: null,
    failures: ['blurred', 'pale'],
  });
  assert.match(second.text, '- blurred\n- pale');
  assert.match(second.text, '| Data set | not stated |');
  assert.equal((await cardOf(run, '--failure', 'cropped')).card.stated.failures, ['cropped']);
  assert.equal((await cardOf(run, '--failure', '')).card.stated.failures, []);
});

test('a model without a run has a card in the current folder, with its conditions and weights', async () => {
  const model = conditionPackage(numbersOfColour);
  const cwd = temporaryFolder();
  const { code, stdout, stderr } = await start(['card', model, '--json'], { cwd }).ended;
  assert.is(code, 0, stderr);
  assert.is(jsonLines(stdout).at(-1)!['out'], join(cwd, 'card.md'));
  const card = JSON.parse(readFileSync(join(cwd, 'card.json'), 'utf8')) as Card;
  // 2 numbers and 4 latents, each with a weight for every value of an image.
  assert.is(card.model.weights, 6 * side * side * 3);
  assert.equal([card.training, card.session, card.verdict, card.audit], [null, null, null, null]);
  const text = readFileSync(join(cwd, 'card.md'), 'utf8');
  for (const line of [
    'by 2 numbers',
    'age from 0 to 100; turn from -30 to 30',
    "--where 'age=0'",
    'Imported from | generator.onnx',
  ]) {
    assert.match(text, line);
  }
});

test('files of others, cards of other models and names without .md are refused, with nothing written', async () => {
  const folder = temporaryFolder();
  const model = conditionPackage(numbersOfColour);
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('mine.md'), 'mine');
  writeFileSync(at('other.json'), '{"name":"x"}');
  writeFileSync(at('broken.json'), '{');
  assert.match(await refusal(model, '--out', at('mine.md')), /mine\.md: there is such a file already/);
  assert.match(
    await refusal(model, '--out', at('other.md')),
    /other\.json: has no card in it, expected a card/,
  );
  assert.match(await refusal(model, '--out', at('broken.md')), /broken\.json: not JSON, expected a card/);
  assert.match(await refusal(model, '--out', at('card.txt')), /expected a name that ends in \.md/);
  assert.match(await refusal(model, '--out', join(folder, 'no', 'card.md')), /its folder does not exist/);
  assert.match(await refusal(at('nothing')), /there is no such model package/);
  await cardOf(run);
  assert.match(
    await refusal(model, '--out', join(run, 'card.md')),
    /is the card of .*, and this model is colours/,
  );
  assert.is(readFileSync(at('mine.md'), 'utf8'), 'mine');
  rmSync(folder, { recursive: true });
});

test.run();
