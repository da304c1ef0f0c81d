// The verdict by the documented thresholds, its reasons and its limits.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { limitsOf, reasonsFor, verdictOf, type AuditFigures } from '../../trainer/audit/verdict.ts';

const test = suite('verdict of an audit');
const chance = { value: 0.52, low: 0.4, high: 0.64 };
const none: AuditFigures = {
  nearerInFeatures: chance,
  nearerInPixels: chance,
  discriminator: chance,
  reconstruction: chance,
};
const sure = (value: number) => ({ value, low: value - 0.1, high: Math.min(1, value + 0.1) });

test('every figure at chance is no sign', () => {
  assert.is(verdictOf(none), 'no sign found');
  assert.match(reasonsFor(none).join(), /every interval includes 0.5/);
});

test('half of the samples explained by copying is memorising, whichever figure of the generator says so', () => {
  for (const key of ['nearerInFeatures', 'nearerInPixels', 'reconstruction'] as const) {
    assert.is(verdictOf({ ...none, [key]: sure(0.75) }), 'memorises', key);
    assert.is(verdictOf({ ...none, [key]: sure(0.7) }), 'leans on its training images', key);
  }
});

test('a large figure whose interval includes chance is no sign', () => {
  assert.is(verdictOf({ ...none, nearerInPixels: { value: 0.9, low: 0.45, high: 1 } }), 'no sign found');
});

test('the discriminator alone is a sign, and never memorising', () => {
  const figures = { ...none, discriminator: sure(0.99) };
  assert.is(verdictOf(figures), 'leans on its training images');
  assert.match(reasonsFor(figures).join(), /only the discriminator.*keep it to yourself/);
});

test('limits say which figures are missing, and what a weak tendency would need', () => {
  const text = limitsOf(
    { ...none, discriminator: null },
    { heldOut: 25, heldOutKind: 'given', samples: 1000 },
  ).join('\n');
  assert.match(text, /with 25 held-out images, a figure up to 0.62 can be chance/);
  assert.match(text, /not measured: membership by the discriminator's score/);
  assert.match(text, /the held-out images were given/);
  assert.match(text, /no sign is no proof/);
});

test.run();
