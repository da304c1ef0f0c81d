// The room of style-based models: coarse layers from one face, fine layers from another, as in the StyleGAN paper's figure 3, and
// truncation towards the mean face.
import { redrawer } from '../redraw.ts';
import type { RoomContext } from '../room.ts';
import { canvasOf, lead, make, without } from '../page.ts';
import { note, randomSeed, wholeNumber } from '../state.ts';
import { bar, button, select, slider } from '../widgets.ts';

/** Number of faces for the coarse styles, one a row, and for the fine styles, one a column. */
const [rows, columns] = [4, 6];

/** Fills the room. */
export async function open({
  place,
  generator,
  first: firstSeed,
  values,
  signal,
}: RoomContext): Promise<void> {
  const { styles } = generator.model;
  place.append(
    lead(
      'In this generator a small network first turns the list of numbers into a style. Every layer, from 4x4 pixels up, receives ' +
        'that style. So we can mix: coarse layers take their style from the face on the left, fine layers from ' +
        'the face above.',
    ),
  );
  if (styles === null) {
    place.append(without('styles', 'train --network stylegan'));
    return;
  }
  const sizes = [...new Set(styles.layers)].filter((size) => size > styles.layers[0]!);
  const first = (name: string, otherwise: number): number => wholeNumber(values[name], otherwise);
  let [left, above] = [first('left', firstSeed), first('above', firstSeed + 100)];
  const asked = wholeNumber(values['from'], 0);
  let from = sizes.includes(asked) ? asked : (sizes[1] ?? sizes[0] ?? 0);
  let truncation = readShare(values['truncation']);
  const table = make('table', { class: 'classes mixed' });

  const fill = redrawer(async () => {
    const layer = styles.layers.indexOf(from);
    const [coarse, fine] = [left, above].map((start, i) =>
      Array.from({ length: i === 0 ? rows : columns }, (_, k) => start + k),
    ) as [number[], number[]];
    const alone = [...coarse, ...fine].map((source) => [{ source, from: 0 }]);
    const mixed = coarse.flatMap((a) =>
      fine.map((b) => [
        { source: a, from: 0 },
        { source: b, from: layer },
      ]),
    );
    const images = await generator.mixStyles({ pictures: [...alone, ...mixed], truncation, signal });
    if (signal.aborted) return;
    const cell = (kind: 'td' | 'th', i: number, label: string): HTMLElement =>
      make(kind, {}, named(canvasOf(images[i]!), label));
    const head = fine.map((seed, k) => cell('th', rows + k, `Face ${seed}: fine styles`));
    const body = coarse.map((seed, row) =>
      make(
        'tr',
        {},
        cell('th', row, `Face ${seed}: coarse styles`),
        ...fine.map((other, k) =>
          cell('td', rows + columns + row * columns + k, `Coarse styles of ${seed}, fine ones of ${other}`),
        ),
      ),
    );
    table.replaceChildren(make('tr', {}, make('td'), ...head), ...body);
  }, signal);

  const choice = select(
    'Styles of the face above from',
    sizes.map((size) => [`${size}`, `${size}x${size} pixels on`]),
    `${from}`,
    (value) => {
      from = Number(value);
      note({ from: value });
      void fill();
    },
  );
  place.append(
    bar(
      choice.element,
      button('Other faces on the left', () => {
        left = randomSeed();
        note({ left: `${left}` });
        void fill();
      }),
      button('Other faces above', () => {
        above = randomSeed();
        note({ above: `${above}` });
        void fill();
      }),
    ),
    slider('distance from the mean style', { min: 0, max: 1.2, step: 0.05, value: truncation }, (value) => {
      truncation = value;
      note({ truncation: `${value}` });
      void fill();
    }),
    make('div', { class: 'wide' }, table),
  );
  await fill();
}

function named(canvas: HTMLCanvasElement, label: string): HTMLCanvasElement {
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  return canvas;
}

/** The truncation from the URL; 1, which changes nothing, for an invalid one. */
function readShare(text: string | undefined): number {
  const value = Number(text);
  return text !== undefined && text !== '' && value >= 0 && value <= 1.2 ? value : 1;
}
