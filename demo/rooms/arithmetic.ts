// Arithmetic with latents, as in the DCGAN paper (Radford 2016, section 6.3.2): A − B + C, each the mean of three exemplars.
import { maxExemplars } from '../../runtime-web/format/page-link.ts';
import { latentOf, meanLatent } from '../../runtime-web/index.ts';
import type { RoomContext } from '../room.ts';
import { canvasOf, lead, make, tile } from '../page.ts';
import { note, randomSeed, wholeNumber, wholeNumbers } from '../state.ts';
import { bar, button, slider } from '../widgets.ts';

const terms = ['A', 'B', 'C'] as const;
type Term = (typeof terms)[number];
const paletteSize = 24;

/** Fills the room. */
export async function open({
  place,
  generator,
  first: firstSeed,
  values,
  signal,
}: RoomContext): Promise<void> {
  const exemplars = (name: string, at: number): number[] =>
    wholeNumbers(
      values[name],
      [at, at + 1, at + 2].map((seed) => firstSeed + seed),
    ).slice(0, maxExemplars);
  const chosen: Record<Term, number[]> = {
    A: exemplars('a', 0),
    B: exemplars('b', 3),
    C: exemplars('c', 6),
  };
  let jitter = Math.max(0, Math.min(1, Number(values['jitter'] ?? 0.25) || 0));
  let first = wholeNumber(values['from'], firstSeed);
  let target: Term = 'A';
  const pictures = new Map<number, ImageData>();
  const need = async (seeds: readonly number[]): Promise<void> => {
    const missing = [...new Set(seeds)].filter((seed) => !pictures.has(seed));
    const images = await generator.generate({ seeds: missing, signal });
    missing.forEach((seed, i) => pictures.set(seed, images[i]!));
  };
  const palette = make('div', { class: 'grid' });
  const slots = make('div', { class: 'sum' });
  const result = make('div', {
    class: 'grid nine',
    attributes: { role: 'img', 'aria-label': 'The result and its neighbours' },
  });

  const put = (term: Term, seed: number): void => {
    chosen[term] = [...chosen[term], seed].slice(-maxExemplars);
    note({ [term.toLowerCase()]: chosen[term].join(',') });
    void update();
  };
  const fillPalette = async (): Promise<void> => {
    const seeds = Array.from({ length: paletteSize }, (_, i) => first + i);
    await need(seeds);
    palette.replaceChildren(
      ...seeds.map((seed) =>
        make(
          'button',
          {
            class: 'picture',
            attributes: {
              type: 'button',
              draggable: 'true',
              'aria-label': `Picture ${seed}: put it into ${target}`,
            },
            on: {
              click: () => put(target, seed),
              dragstart: (event) => (event as DragEvent).dataTransfer?.setData('text/plain', `${seed}`),
            },
          },
          canvasOf(pictures.get(seed)!),
        ),
      ),
    );
  };
  const update = async (): Promise<void> => {
    await need(terms.flatMap((term) => chosen[term]));
    const means = Object.fromEntries(
      terms.map((term) => [term, meanLatent(chosen[term].map((seed) => latentOf(generator.model, seed)))]),
    ) as Record<Term, Float32Array>;
    const [images, sums] = [
      await generator.generate({ z: terms.map((term) => means[term]), signal }),
      await generator.arithmetic({ plus: [means.A, means.C], minus: [means.B], jitter, signal }),
    ];
    slots.replaceChildren(
      ...terms.map((term, i) =>
        make(
          'section',
          {
            class: `slot${term === target ? ' target' : ''}`,
            attributes: { 'aria-label': `Exemplars of ${term}` },
            on: {
              dragover: (event) => event.preventDefault(),
              drop: (event) => {
                event.preventDefault();
                put(term, wholeNumber((event as DragEvent).dataTransfer?.getData('text/plain'), 0));
              },
            },
          },
          bar(
            make('strong', { text: `${['', '− ', '+ '][i]}${term}` }),
            make('button', {
              text: term === target ? 'Choosing' : 'Choose',
              attributes: { type: 'button', 'aria-pressed': `${term === target}` },
              on: {
                click: () => {
                  target = term;
                  void fillPalette();
                  void update();
                },
              },
            }),
          ),
          make('div', { class: 'grid' }, ...chosen[term].map((seed) => tile(pictures.get(seed)!))),
          make('p', { text: 'Mean' }),
          make('div', { class: 'grid' }, tile(images[i]!)),
        ),
      ),
    );
    result.replaceChildren(...sums.map((image) => tile(image)));
  };
  place.append(
    lead(
      'Faces with glasses, minus faces without, plus another face: that face with glasses. Each term is the mean of three ' +
        'pictures, because a single one is unreliable. The result is in the middle. Around it are neighbours: the same sum ' +
        'with a little noise.',
    ),
    make('h3', { text: 'A − B + C' }),
    result,
    bar(
      slider('Noise of the neighbours', { min: 0, max: 1, step: 0.05, value: jitter }, (value) => {
        jitter = value;
        note({ jitter: `${jitter}` });
        void update();
      }),
    ),
    slots,
    make('h3', { text: 'Pictures to choose from' }),
    make('p', {
      class: 'lead',
      text: 'Drag a picture onto A, B or C, or pick a box and tap pictures. Each box holds three.',
    }),
    bar(
      button('Other pictures', () => {
        first = randomSeed();
        note({ from: `${first}` });
        void fillPalette();
      }),
    ),
    palette,
  );
  await fillPalette();
  await update();
}
