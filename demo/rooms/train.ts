// The room of training: a GAN learns in the page, from faces that the page draws or from pictures of the visitor.
import type { PlainContext } from '../room.ts';
import { lead, make } from '../page.ts';
import { note, randomSeed, wholeNumber } from '../state.ts';
import { bar, button, select } from '../widgets.ts';

const clothes = 'clothes/clothes.json';

/** Fills the room. */
export async function open({ place, values, signal }: PlainContext): Promise<void> {
  const { DcganTrainer } = await import('../../runtime-web/trainer.ts');
  if (signal.aborted) return;
  const trainer = new DcganTrainer();
  trainer.networks = 'networks/';
  trainer.controls = true;
  trainer.seed = wholeNumber(values['seed'], 0);
  const input = make('input', {
    attributes: { type: 'number', min: '0', step: '1', value: `${trainer.seed}` },
    on: { change: () => go(wholeNumber(input.value, trainer.seed)) },
  });
  const data = select(
    'Pictures',
    [
      ['faces', 'Faces'],
      [clothes, 'Clothes'],
    ],
    values['data'] === 'clothes' ? clothes : 'faces',
    (chosen) => {
      trainer.data = chosen;
      note({ data: chosen === clothes ? 'clothes' : '' });
    },
  );
  if (values['data'] === 'clothes') trainer.data = clothes;
  const go = (seed: number): void => {
    trainer.seed = seed;
    input.value = `${seed}`;
    note({ seed: `${seed}` });
  };
  place.append(
    lead(
      'Two networks learn from each other: the generator makes pictures from random numbers, the discriminator tells them from real ' +
        'ones. Both start from nothing, on this device. After about a minute there are faces.',
    ),
    trainer,
    bar(
      data.element,
      make('label', {}, 'Seed of the training ', input),
      button('Another seed', () => go(randomSeed())),
    ),
  );
}
