// A model of classes: the same numbers drawn as every class, so that what is left to the numbers is what the column shares.
import { button, canvasOf, make, opening } from '../page.ts';
import type { RoomContext } from '../room.ts';
import { note, wholeNumber } from '../state.ts';

/** Pictures of each class. */
const columns = 8;
/** Pictures of the one class that is looked at. */
const many = 32;

/** Draws the room. */
export async function classesRoom({ place, generator, values, signal }: RoomContext): Promise<void> {
  const { conditioning } = generator.model;
  place.append(
    ...opening(
      'Classes',
      'This generator was told during training what each picture shows, and can be asked for it. Every column is one list of ' +
        'numbers, drawn as each class: what stays the same down the column (how wide, how bright) is what the numbers decide.',
    ),
  );
  if (conditioning?.kind !== 'classes') {
    place.append(make('p', { class: 'lacking', text: 'This model knows no classes. Choose another one.' }));
    return;
  }
  const { names } = conditioning;
  let seed = wholeNumber(values['seed'], 0);
  let chosen = names.includes(values['class'] ?? '') ? values['class']! : '';
  const table = make('table', { class: 'classes' });
  const one = make('div', {
    class: 'grid',
    attributes: { role: 'group', 'aria-label': 'Pictures of the class' },
  });
  const told = make('p', { attributes: { role: 'status' } });

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
      told.textContent = 'Press a class to see more of it.';
      return;
    }
    const seeds = Array.from({ length: many }, (_, i) => seed + i);
    const images = await generator.generate({ seeds, labels: chosen, signal });
    if (signal.aborted) return;
    one.replaceChildren(...images.map((image) => make('div', { class: 'picture' }, canvasOf(image))));
    told.textContent = `${many} pictures of ${chosen}.`;
  };
  const go = (next: number): void => {
    seed = next;
    note({ seed: `${seed}` });
    void fill().then(fillOne);
  };
  place.append(
    make(
      'div',
      { class: 'bar' },
      button('Other numbers', () => go(Math.floor(Math.random() * 1_000_000)), true),
      button('Back to the first', () => go(0)),
    ),
    make('div', { class: 'wide' }, table),
    told,
    one,
  );
  await fill();
  await fillOne();
}
