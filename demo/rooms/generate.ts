// The room of samples: a grid of pictures by number, which is the seed of the latent.
import type { RoomContext } from '../room.ts';
import { canvasOf, lead, make, save } from '../page.ts';
import { hashOf, note, randomSeed, wholeNumber } from '../state.ts';
import { bar, button } from '../widgets.ts';

const count = 24;

/** Fills the room. */
export async function open({ place, generator, model, first, values, signal }: RoomContext): Promise<void> {
  let seed = wholeNumber(values['seed'], first);
  const grid = make('div', { class: 'grid', attributes: { 'aria-label': 'Pictures' } });
  const input = make('input', {
    attributes: { type: 'number', min: '0', step: '1', value: `${seed}` },
    on: { change: () => go(wholeNumber(input.value, seed)) },
  });
  const dialog = make('dialog', { class: 'large' });
  const go = (next: number): void => {
    seed = Math.max(0, next);
    input.value = `${seed}`;
    note({ seed: `${seed}` });
    void fill();
  };
  const fill = async (): Promise<void> => {
    const seeds = Array.from({ length: count }, (_, i) => seed + i);
    const images = await generator.generate({ seeds, signal });
    if (signal.aborted) return;
    grid.replaceChildren(
      ...images.map((image, i) =>
        make(
          'button',
          {
            class: 'picture',
            attributes: { type: 'button', 'aria-label': `Picture ${seeds[i]}, larger` },
            on: { click: () => enlarge(seeds[i]!, image) },
          },
          canvasOf(image),
        ),
      ),
    );
  };
  const enlarge = (number: number, image: ImageData): void => {
    const canvas = canvasOf(image);
    const status = make('span', { attributes: { role: 'status' } });
    const link = new URL(hashOf({ room: 'generate', values: { model, seed: `${number}` } }), location.href)
      .href;
    dialog.replaceChildren(
      make('h2', { text: `Picture ${number}` }),
      canvas,
      bar(
        button('Copy link', () => {
          // Missing on plain http, and refused by some browsers: then the link is shown instead.
          const copying = navigator.clipboard?.writeText(link) ?? Promise.reject(new Error('no clipboard'));
          copying.then(
            () => (status.textContent = 'Copied'),
            () => (status.textContent = link),
          );
        }),
        button('Save PNG', () => canvas.toBlob((blob) => blob && save(blob, `${model}-${number}.png`))),
        button('Close', () => dialog.close()),
        status,
      ),
    );
    dialog.showModal();
  };
  place.append(
    lead(
      'A generator turns a list of random numbers into a picture. Each picture has a number, from which its list is computed: ' +
        'picture 42 is the same on every device. None of these pictures was in the training set.',
    ),
    bar(
      make('label', {}, 'From number ', input),
      button('Back', () => go(seed - count)),
      button('More', () => go(seed + count)),
      button('Surprise me', () => go(randomSeed()), true),
    ),
    grid,
    dialog,
  );
  await fill();
}
