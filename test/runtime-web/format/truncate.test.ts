// Truncation: the arithmetic against its closed form, and one range everywhere.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkTruncation, truncate } from '../../../runtime-web/format/truncate.ts';
import { attributes } from '../../../runtime-web/viewer/attributes.ts';

const test = suite('truncation');

test('the distance from the mean is multiplied; of latents the mean is 0', () => {
  const latents = Float32Array.of(1, -2, 3, 4);
  truncate(latents, 0.5);
  assert.equal([...latents], [0.5, -1, 1.5, 2]);
  const styles = Float32Array.of(1, -2, 3, 4);
  truncate(styles, 0.25, [5, 2]);
  assert.equal([...styles], [4, 1, 4.5, 2.5]);
});

test('0 to 4 is accepted, by calls and by the attribute', () => {
  for (const factor of [0, 0.7, 1, 4]) {
    checkTruncation(factor);
    assert.is(attributes.truncation.read(`${factor}`), factor);
  }
  for (const factor of [-0.1, 4.1, NaN, Infinity]) {
    assert.throws(() => checkTruncation(factor), /^truncation: got .*, expected a number from 0 to 4$/);
    assert.is(attributes.truncation.read(`${factor}`), null);
  }
  assert.is(attributes.truncation.expected, 'a number from 0 to 4');
});

test.run();
