// Objectives whose logits the realism term takes calibrated; restoring-discriminator.long.test.ts has the commands.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  hasRelativeLogits,
  restoringDiscriminator,
} from '../../trainer/restoring/restoring-discriminator.ts';
import { waveNetworks } from './fixture.ts';

const test = suite('discriminator of the realism term');

test('probabilities and scores with a zero keep their logits', () => {
  const relative = ['relativistic', 'wgan', 'wgan-gp'] as const;
  const others = ['non-saturating', 'minimax', 'least-squares', 'hinge'] as const;
  for (const objective of relative) assert.ok(hasRelativeLogits({ objective }), objective);
  for (const objective of others) assert.not.ok(hasRelativeLogits({ objective }), objective);
  const { discriminator } = waveNetworks();
  const fit = { scale: 2, offset: -80 };
  assert.is(restoringDiscriminator(discriminator, { objective: 'non-saturating' }, fit), discriminator);
  assert.is(restoringDiscriminator(discriminator, { objective: 'wgan' }, null), discriminator);
  const { parameters } = restoringDiscriminator(discriminator, { objective: 'wgan' }, fit);
  assert.equal(Array.from(parameters['discriminator/calibration/offset']!.data), [-80]);
});

test.run();
