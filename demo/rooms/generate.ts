// A grid of pictures by number: each number is a picture that nobody has drawn.
import { button, canvasOf, make, opening, save } from '../page.ts';
import type { Room, RoomContext } from '../room.ts';
import { hashOf, note, wholeNumber } from '../state.ts';

const count = 24;

export const generate: Room = {
  name: 'generate',
  title: 'Generate',
  async open({ place, generator, model, values, signal }: RoomContext) {
    let seed = wholeNumber(values['seed'], 0);
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
      const told = make('span', { attributes: { role: 'status' } });
      const link = new URL(hashOf({ room: 'generate', values: { model, seed: `${number}` } }), location.href)
        .href;
      dialog.replaceChildren(
        make('h2', { text: `Picture ${number}` }),
        canvas,
        make(
          'div',
          { class: 'bar' },
          button('Copy link', () => {
            navigator.clipboard.writeText(link).then(
              () => (told.textContent = 'Copied'),
              () => (told.textContent = link),
            );
          }),
          button('Save PNG', () => canvas.toBlob((blob) => blob && save(blob, `${model}-${number}.png`))),
          button('Close', () => dialog.close()),
          told,
        ),
      );
      dialog.showModal();
    };
    place.append(
      ...opening(
        'Generate',
        'A generator turns a list of random numbers into a picture. The number of a picture stands for such a list, so it is ' +
          'the same picture on every device. None of these was in the training set.',
      ),
      make(
        'div',
        { class: 'bar' },
        make('label', {}, 'From number ', input),
        button('Back', () => go(seed - count)),
        button('More', () => go(seed + count)),
        button('Surprise me', () => go(Math.floor(Math.random() * 1_000_000)), true),
      ),
      grid,
      dialog,
    );
    await fill();
  },
};
