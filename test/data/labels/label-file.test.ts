// Files of labels: tables as spreadsheets write them, dataset.json, and CelebA's list. The expected values are written by hand.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseLabels, type LabelTable } from '../../../trainer/data/labels/label-file.ts';
import { UserError } from '../../../trainer/errors.ts';

const test = suite('parseLabels()');

const parse = (text: string | Uint8Array): LabelTable =>
  parseLabels(typeof text === 'string' ? Buffer.from(text) : text, 'x.csv')!;
const shown = ({ columns }: LabelTable): string[] =>
  columns.map(({ info, values }) => {
    const names = info.values === null ? '' : `=${info.values.join('/')}`;
    return `${info.name}:${info.kind}${names} ${[...values].map((value) => Number(value.toPrecision(6))).join(',')}`;
  });
function refused(text: string | Uint8Array, pattern: RegExp): void {
  try {
    parse(text);
  } catch (error) {
    assert.instance(error, UserError);
    assert.match((error as UserError).message, pattern);
    return;
  }
  assert.unreachable(`${String(text)} was read`);
}

test('the kind of a column follows from its cells', () => {
  const table = parse(
    'file,smiling,hat,glasses,age,country,size\na.png,yes,1,-1,30,de,1e2\nb.png,No,0,1,4.5,at,-.5\nc.png,yes,1,1,70,de,7\n',
  );
  assert.equal(table.files, ['a.png', 'b.png', 'c.png']);
  assert.equal(shown(table), [
    'smiling:binary 1,0,1',
    'hat:binary 1,0,1',
    'glasses:binary 0,1,1',
    'age:continuous 30,4.5,70',
    'country:categorical=at/de 1,0,1',
    'size:continuous 100,-0.5,7',
  ]);
  assert.equal(table.columns[3]!.info.range, [4.5, 70]);
});

test('quotes, doubled quotes, separators and line breaks in cells, a byte order mark, CRLF and blank lines', () => {
  const table = parse(
    '\uFEFF"file","what ""kind"""\r\n"a, 1.png","old\nhouse"\r\n\r\nb.png,"a ""barn"""\r\n"c.png",old\nhouse\n'.replace(
      'old\nhouse\n',
      '"old\nhouse"',
    ),
  );
  assert.equal(table.files, ['a, 1.png', 'b.png', 'c.png']);
  assert.equal(table.places, ['line 2', 'line 5', 'line 6']);
  assert.equal(shown(table), ['what "kind":categorical=a "barn"/old\nhouse 1,0,1']);
});

test('semicolons with decimal commas, tabs, and the UTF-16 of spreadsheets', () => {
  assert.equal(shown(parse('Datei;Alter\na.png;3,5\nb.png;12\n')), ['Alter:continuous 3.5,12']);
  assert.equal(shown(parse('file\tage\na.png\t3\nb.png\t4\n')), ['age:continuous 3,4']);
  assert.equal(shown(parse(Buffer.from('\uFEFFfile\tage\r\na.png\t3\r\nb.png\t4\r\n', 'utf16le'))), [
    'age:continuous 3,4',
  ]);
});

test('blank cells have no value; classes that are numbers are sorted by size', () => {
  assert.equal(shown(parse('file,age,hat\na,3,yes\nb,,no\nc,NaN,\n')), [
    'age:continuous 3,NaN,NaN',
    'hat:binary 1,0,NaN',
  ]);
  assert.equal(shown(parse('{"labels": [["a.png", 10], ["b.png", 9], ["c.png", 10]]}')), [
    'label:categorical=9/10 1,0,1',
  ]);
});

test('dataset.json with vectors has a column for each, and null labels are none', () => {
  assert.equal(shown(parse('{"labels": [["0/a.png", [1, 0.25]], ["0/b.png", [0, 0.75]]]}')), [
    'label1:binary 1,0',
    'label2:continuous 0.25,0.75',
  ]);
  assert.is(parseLabels(Buffer.from('{"labels": null}'), 'dataset.json'), null);
  refused('{"labels": [["a.png"]]}', /entry 1 is \["a.png"\]; expected \{"labels"/);
  refused('{"labels": [["a.png", [1, 2]], ["b.png", [1]]]}', /entry 2 has 1 labels, expected 2/);
  refused('{"labels": ', /no valid JSON/);
});

test("CelebA's list and Kaggle's table of it", () => {
  const attributes = ['Bald:binary 0,1', 'Young:binary 1,0'];
  assert.equal(shown(parse('2\nBald Young\n000001.jpg -1  1\n000002.jpg  1 -1\n')), attributes);
  assert.equal(shown(parse('image_id,Bald,Young\n000001.jpg,-1,1\n000002.jpg,1,-1\n')), attributes);
});

test('mistakes are named by line and column', () => {
  const rows = Array.from({ length: 20 }, (_, i) => `${i}.png,${i}`);
  refused(
    ['file,age', ...rows, 'x.png,old'].join('\n'),
    /column age has 20 numbers, and 'old' in line 22 is none; mend it/,
  );
  refused(
    'file,age,hat\na.png,3,yes\nb.png,4\n',
    /line 3 has 1 values, expected 2, for age, hat; truncated\?/,
  );
  refused('file,age,age\na.png,3,4\n', /two columns are called age/);
  refused('file,text\n"a.png,3\n', /line 2 opens a quote that is never closed/);
  refused('file,text\n"a"x,3\n', /line 2 has 'x,3' behind a closing quote/);
  refused('a.png,3\nb.png,4\n', /its first line is about a.png; expected a header/);
  refused('file,age\n', /no labels; expected a table with a header/);
  refused('', /no labels/);
  refused(Uint8Array.of(0x66, 0x80, 0x81), /no text in UTF-8/);
});

test('free text and empty columns are no labels, and are named', () => {
  const rows = Array.from({ length: 11 }, (_, i) => `${i}.png,yes,caption ${i % 6},`);
  const { notes, columns } = parse(['file,smiling,caption,empty', ...rows].join('\n'));
  assert.is(columns.length, 1);
  assert.match(
    notes.join('; '),
    /column caption has another text in most cells or more than 1,000 texts.*column empty is empty/,
  );
});

test.run();
