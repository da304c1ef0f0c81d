// Rows of the steering room from a model's columns: categories become one row, and a change of any of them is noticed.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { choiceOf, hasMoved, steeringRows } from '../../demo/steering-rows.ts';

const test = suite('steering rows');
const columns = [
  { name: 'hat', kind: 'binary' },
  { name: 'light', kind: 'continuous' },
  { name: 'shirt/blue', kind: 'binary' },
  { name: 'shirt/yellow', kind: 'binary' },
  { name: 'shirt/red', kind: 'binary' },
  { name: 'on/off', kind: 'binary' },
] as const;
const rows = steeringRows(columns);

test('the categories of an attribute are one row; a lone name with a slash is an attribute', () => {
  assert.equal(rows, [
    { name: 'hat', kind: 'binary', choices: null },
    { name: 'light', kind: 'continuous', choices: null },
    { name: 'shirt', kind: 'binary', choices: ['blue', 'yellow', 'red'] },
    { name: 'on/off', kind: 'binary', choices: null },
  ]);
});

test('a shirt that turns from blue to yellow has changed, also if no probability crosses a half', () => {
  const blue = {
    hat: 0.9,
    light: 0.1,
    'shirt/blue': 0.45,
    'shirt/yellow': 0.4,
    'shirt/red': 0.15,
    'on/off': 0.1,
  };
  const yellow = {
    hat: 0.6,
    light: 0.55,
    'shirt/blue': 0.4,
    'shirt/yellow': 0.45,
    'shirt/red': 0.15,
    'on/off': 0.7,
  };
  assert.is(choiceOf(rows[2]!, blue), 'blue');
  assert.equal(
    rows.map((row) => hasMoved(row, blue, yellow)),
    [false, false, true, true],
  );
  assert.ok(hasMoved(rows[1]!, blue, { ...blue, light: -0.45 }));
});

test.run();
