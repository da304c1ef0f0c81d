// Changes that a direction makes besides its attribute, from the figures in `model.json`.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sideEffects } from '../../../runtime-web/format/side-effects.ts';

const test = suite('side effects');

test('the attribute that changes most often comes first, and figures of other kinds are left out', () => {
  const figures = {
    success: 0.9,
    'moved/hat': 0.02,
    othersMoved: 0.2,
    'moved/clothes': 0.4,
    'moved/hair': 0.18,
  };
  assert.equal(sideEffects({ figures }), [
    { name: 'clothes', share: 0.4 },
    { name: 'hair', share: 0.18 },
    { name: 'hat', share: 0.02 },
  ]);
});

test('directions of older packages, and those without labels, have none', () => {
  assert.equal(sideEffects({ figures: { success: 0.9, othersMoved: 0.07, classifierQuality: 1 } }), []);
  assert.equal(sideEffects({ figures: { eigenvalueShare: 0.3 } }), []);
});

test.run();
