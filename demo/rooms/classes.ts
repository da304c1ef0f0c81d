// The room of models with classes: a row for each class, a column for each latent, so that a column shows what the latent determines.
import type { RoomContext } from '../room.ts';
import { canvasOf, lead, make, statusLine, tile, without } from '../page.ts';
import { note, randomSeed, wholeNumber } from '../state.ts';
import { bar, button } from '../widgets.ts';
import { openConditions } from './conditions.ts';

/** Pictures of each class. */
const columns = 8;
/** Pictures of the chosen class. */
const pictureCount = 32;

/** Fills the room. */
export async function open(context: RoomContext): Promise<void> {
  const { place, generator, first, values, signal } = context;
  const { conditioning } = generator.model;
  if (conditioning?.kind === 'attributes' || conditioning?.kind === 'numbers') {
    return openConditions(context, conditioning);
  }
  place.append(
    lead(
      'You can tell this generator what to draw: in training it got a label with every picture. Each column uses one ' +
        'list of numbers for all classes. Whatever stays the same down a column, such as width or brightness, comes from the numbers.',
    ),
  );
  if (conditioning?.kind !== 'classes') {
    place.append(without('classes, attributes or numbers', 'train --condition label'));
    return;
  }
  const { names } = conditioning;
  let seed = wholeNumber(values['seed'], first);
  let chosen = names.includes(values['class'] ?? '') ? values['class']! : '';
  const table = make('table', { class: 'classes' });
  const one = make('div', {
    class: 'grid',
    attributes: { role: 'group', 'aria-label': 'Pictures of the class' },
  });
  const status = statusLine();

  const fill = async (): Promise<void> => {
    const seeds = Array.from({ length: columns }, (_, i) => seed + i);
    const rows: ImageData[][] = [];
    for (const labels of names) rows.push(await generator.generate({ seeds, labels, signal }));
    if (signal.aborted) return;
    table.replaceChildren(
      ...rows.map((images, row) =>
        make(
          'tr',
          {},
          make(
            'th',
            { attributes: { scope: 'row' } },
            button(names[row]!, () => {
              chosen = names[row]!;
              note({ class: chosen });
              void fillOne();
            }),
          ),
          ...images.map((image) => make('td', {}, canvasOf(image))),
        ),
      ),
    );
  };
  const fillOne = async (): Promise<void> => {
    if (chosen === '') {
      status.textContent = 'Press a class to see more of it.';
      return;
    }
    const seeds = Array.from({ length: pictureCount }, (_, i) => seed + i);
    const images = await generator.generate({ seeds, labels: chosen, signal });
    if (signal.aborted) return;
    one.replaceChildren(...images.map((image) => tile(image)));
    status.textContent = `${pictureCount} pictures of ${chosen}.`;
  };
  const go = (next: number): void => {
    seed = next;
    note({ seed: `${seed}` });
    void fill().then(fillOne);
  };
  place.append(
    bar(
      button('Other numbers', () => go(randomSeed()), true),
      button('Back to the first', () => go(0)),
    ),
    make('div', { class: 'wide' }, table),
    status,
    one,
  );
  await fill();
  await fillOne();
}
