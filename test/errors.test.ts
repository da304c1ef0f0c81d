// Suggestions for mistyped names.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { didYouMean } from '../trainer/errors.ts';

const test = suite('didYouMean()');

test('the nearest name is suggested, and none if all are far', () => {
  assert.is(didYouMean('hinje', ['bce', 'hinge']), "; did you mean 'hinge'?");
  assert.is(didYouMean('Smilng', ['Bald', 'Smiling']), "; did you mean 'Smiling'?");
  assert.is(didYouMean('elephant', ['cat', 'dog']), '');
  assert.is(didYouMean('x', []), '');
});

test('a name that differs in signs, spaces or case only comes before one that lacks a letter', () => {
  assert.is(didYouMean('tshirt', ['shirt', 't-shirt']), "; did you mean 't-shirt'?");
  assert.is(didYouMean('NO_BEARD', ['beard', 'No Beard']), "; did you mean 'No Beard'?");
});

test('a decomposed name is as near as the composed one', () => {
  assert.is(didYouMean('cafe\u0301s', ['cape', 'caf\u00e9']), "; did you mean 'caf\u00e9'?");
});

test.run();
