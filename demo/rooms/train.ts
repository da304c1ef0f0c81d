// The room of training: a GAN learns in the page, from faces that the page draws or from pictures of the visitor.
import type { PlainContext } from '../room.ts';
import { storedEntries } from '../../runtime-web/trainer-element/stored-entries.ts';
import { keepDropped } from '../models.ts';
import { lead, make, statusLine } from '../page.ts';
import { hashOf, note, randomSeed, wholeNumber } from '../state.ts';
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
  const status = statusLine();
  /** Keeps the model as one of the visitor's, and opens it. */
  const take = async (): Promise<void> => {
    try {
      status.textContent = 'The model is being made';
      const entries = storedEntries(new Uint8Array(await (await trainer.toPackage()).arrayBuffer()));
      const model = await keepDropped([...entries].map(([name, bytes]) => new File([bytes.slice()], name)));
      if (!signal.aborted) location.hash = hashOf({ room: 'generate', values: { model } });
    } catch (error) {
      status.textContent = error instanceof Error ? error.message : String(error);
    }
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
      button('Use it in the other rooms', () => void take()),
    ),
    status,
  );
}
