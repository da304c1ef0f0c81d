// Networks to train: the graphs of a package, run by a loop that knows only the format, train as the trainer does.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UserError } from '../../trainer/errors.ts';
import { refuseUntrainable, withoutFolders } from '../../trainer/export/trainable-record.ts';
import { configOf, trainBothWays } from './trained-both-ways.ts';

const test = suite('networks to train');

test('20 steps of hinge with lazy R1 on flipped images have the same bits, and so do images of seeds', async () => {
  const { losses, isSameState, images, spread } = await trainBothWays(
    configOf({ objective: 'hinge', r1: 1, r1Every: 4, flip: true }),
  );
  assert.is(losses, 0);
  assert.ok(isSameState);
  assert.is(images, 0);
  assert.ok(spread > 0.01);
});

test('networks that grow and batches in parts are refused with a remedy', () => {
  const messageOf = (values: Parameters<typeof configOf>[0]): string => {
    try {
      refuseUntrainable(configOf(values));
      return '';
    } catch (error) {
      assert.instance(error, UserError);
      return (error as Error).message;
    }
  };
  assert.match(messageOf({ network: 'stylegan', growFrom: 8 }), 'train with --grow-from none');
  assert.match(messageOf({ accumulate: 2 }), 'train with --accumulate 1 and --batch 2');
  assert.is(messageOf({ network: 'stylegan', growFrom: null }), '');
});

test('a package names no folder of the machine', () => {
  const config = { ...configOf({}), data: '/home/me/photos', labels: '/home/me/table.csv', from: '/runs/1' };
  const { data, labels, from } = withoutFolders(config);
  assert.equal([data, labels, from], ['photos', 'table.csv', '1']);
});

test.run();
