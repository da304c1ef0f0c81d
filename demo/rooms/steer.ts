// Steering live: an attribute is pushed up or down by the gradient of a classifier through the generator, update by update, here
// in the page; beside the picture, what the classifier sees of everything else.
import { attributeTitle } from '../attribute-names.ts';
import { button, canvasOf, lacking, make, opening, show } from '../page.ts';
import type { RoomContext } from '../room.ts';
import { note, wholeNumber } from '../state.ts';

/** Draws the room. */
export async function steerRoom({ place, generator, values, signal }: RoomContext): Promise<void> {
  const { model } = generator;
  place.append(
    ...opening(
      'Steer',
      'A small classifier looks at the picture; its gradient, taken back through the generator, says how the list of numbers must ' +
        'change for it to see more of one thing. A penalty holds everything else that it sees. Every step is computed here.',
    ),
  );
  const { steering } = model;
  if (steering === null) {
    place.append(lacking('steering', '--steering'));
    return;
  }
  let seed = wholeNumber(values['seed'], 12);
  let hold = values['hold'] === '0' ? 0 : 1;
  let z: Float32Array | null = null;
  let work = new AbortController();
  signal.addEventListener('abort', () => work.abort());

  const before = make('div', { class: 'large' });
  const canvas = make('canvas', {
    class: 'large',
    attributes: { role: 'img', 'aria-label': 'The steered picture' },
  });
  const told = make('p', { attributes: { role: 'status' } });
  const meters = new Map(
    steering.map(({ name, kind }) => [
      name,
      make('meter', {
        attributes: {
          min: kind === 'binary' ? '0' : '-1',
          max: '1',
          value: '0',
          'aria-label': attributeTitle(name),
        },
      }),
    ]),
  );
  const seen = (verdicts: Readonly<Record<string, number>>): void => {
    for (const [name, meter] of meters) meter.value = verdicts[name] ?? 0;
  };
  const reset = async (): Promise<void> => {
    work.abort();
    z = null;
    const [image] = await generator.generate({ seeds: [seed], signal });
    before.replaceChildren(canvasOf(image!));
    show(canvas, image!);
    told.textContent = `Picture ${seed}.`;
  };
  const push = async (name: string, sign: 1 | -1): Promise<void> => {
    work.abort();
    work = new AbortController();
    const mine = work;
    const title = attributeTitle(name);
    try {
      const steered = await generator.steer({
        source: z ?? seed,
        push: { [name]: sign },
        hold,
        signal: mine.signal,
        onStep({ step, steps, image, verdicts }) {
          show(canvas, image);
          seen(verdicts);
          told.textContent = `${sign > 0 ? 'More' : 'Less'} ${title}: step ${step} of ${steps}.`;
        },
      });
      z = steered.z;
      const moved = steering.filter(({ name: other, kind }) => {
        const [a, b] = [steered.before[other]!, steered.verdicts[other]!];
        return other !== name && (kind === 'binary' ? a > 0.5 !== b > 0.5 : Math.abs(a - b) > 0.5);
      });
      told.textContent =
        moved.length === 0
          ? `${title}: nothing else that the classifier sees has changed sides.`
          : `${title}: with it changed ${moved.map((each) => attributeTitle(each.name)).join(', ')}.`;
    } catch (error) {
      if (!mine.signal.aborted) throw error;
    }
  };
  const holding = make('input', {
    attributes: { type: 'checkbox' },
    on: {
      change: () => {
        hold = holding.checked ? 1 : 0;
        note({ hold: hold === 0 ? '0' : '' });
      },
    },
  });
  holding.checked = hold === 1;
  place.append(
    make('div', { class: 'pair' }, before, canvas),
    told,
    make(
      'div',
      { class: 'bar' },
      make('label', {}, holding, ' hold everything else'),
      button('Stop', () => work.abort()),
      button('Start again', () => void reset()),
      button('Another picture', () => {
        seed = Math.floor(Math.random() * 1_000_000);
        note({ seed: `${seed}` });
        void reset();
      }),
    ),
    make(
      'table',
      { class: 'steering' },
      ...steering.map(({ name }) =>
        make(
          'tr',
          {},
          make('th', { text: attributeTitle(name), attributes: { scope: 'row' } }),
          make('td', {}, meters.get(name)!),
          make(
            'td',
            {},
            button('Less', () => void push(name, -1)),
            ' ',
            button('More', () => void push(name, 1)),
          ),
        ),
      ),
    ),
  );
  await reset();
}
