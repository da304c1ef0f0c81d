// The numbers that the room "How it works" shows, against the definition written out by hand.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { kernelIndex, transposedConvolution } from '../../demo/rooms/how-it-works.ts';
import { hashOf, readState, wholeNumber, wholeNumbers } from '../../demo/state.ts';

const test = suite('demo');

test('a transposed convolution stamps the kernel for each input, and adds up', () => {
  const kernel = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  assert.equal(transposedConvolution([1, 0, 0, 0], kernel), [1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9, 0, 0, 0, 0, 0]);
  assert.equal(transposedConvolution([0, 0, 0, 1], kernel), [0, 0, 0, 0, 0, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9]);
  // PyTorch 2.8: F.conv_transpose2d([[1, 2], [3, 4]], [[1, 0, -1], [2, 1, 0], [0, 1, 2]])
  assert.equal(
    transposedConvolution([1, 2, 3, 4], [1, 0, -1, 2, 1, 0, 0, 1, 2]),
    [1, 2, -1, -2, 5, 9, -1, -4, 6, 12, 8, 4, 0, 3, 10, 8],
  );
});

test('its matrix has the nine weights four times each, and zeros', () => {
  const places = Array.from({ length: 16 }, (_, to) =>
    Array.from({ length: 4 }, (__, from) => kernelIndex(to, from)),
  ).flat();
  for (let weight = 0; weight < 9; weight++) assert.is(places.filter((place) => place === weight).length, 4);
  assert.is(places.filter((place) => place === null).length, 64 - 36);
});

test('the URL holds the room and its parameters, and nonsense in it is not taken', () => {
  const state = { room: 'walk', values: { model: 'a b', seeds: '1,2' } };
  assert.equal(readState(hashOf(state)), state);
  assert.is(hashOf(state), '#walk?model=a%20b&seeds=1,2');
  assert.equal(readState(''), { room: '', values: {} });
  assert.equal(
    [wholeNumber('7', 1), wholeNumber('-7', 1), wholeNumber('x', 1), wholeNumber(undefined, 1)],
    [7, 1, 1, 1],
  );
  assert.equal(
    [wholeNumbers('1,2', [3]), wholeNumbers('1,x', [3]), wholeNumbers('', [3])],
    [[1, 2], [3], [3]],
  );
});

test.run();
