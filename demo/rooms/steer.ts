// The room of steering: the gradient of a classifier, through the generator, adds or removes an attribute, update by update; meters show
// the classifier's predictions of all attributes.
import { attributeTitle } from '../attribute-names.ts';
import type { RoomContext } from '../room.ts';
import { canvasOf, lacking, largeCanvas, lead, make, show, statusLine } from '../page.ts';
import { note, randomSeed, wholeNumber } from '../state.ts';
import { bar, button } from '../widgets.ts';

/** Fills the room. */
export async function open({ place, generator, values, signal }: RoomContext): Promise<void> {
  const { model } = generator;
  place.append(
    lead(
      'A small classifier looks at the picture. Its gradient, backpropagated through the generator, shows how to change the list ' +
        'of numbers so that the classifier sees more of one thing. A penalty on its other predictions keeps the rest of the picture.',
    ),
  );
  const { steering } = model;
  if (steering === null) {
    place.append(lacking(generator.model, 'steer', 'steering'));
    return;
  }
  let seed = wholeNumber(values['seed'], 12);
  let hold = values['hold'] === '0' ? 0 : 1;
  let z: Float32Array | null = null;
  let work = new AbortController();
  signal.addEventListener('abort', () => work.abort());

  const before = make('div', { class: 'large' });
  const canvas = largeCanvas('The steered picture');
  const status = statusLine();
  const meters = new Map(
    steering.map(({ name, kind }) => [
      name,
      make('meter', {
        attributes: {
          min: kind === 'binary' ? '0' : '-1',
          max: '1',
          value: '0',
          'aria-label': attributeTitle(name, model),
        },
      }),
    ]),
  );
  const showPredictions = (verdicts: Readonly<Record<string, number>>): void => {
    for (const [name, meter] of meters) meter.value = verdicts[name] ?? 0;
  };
  const reset = async (): Promise<void> => {
    work.abort();
    z = null;
    const [image] = await generator.generate({ seeds: [seed], signal });
    before.replaceChildren(canvasOf(image!));
    show(canvas, image!);
    status.textContent = `Picture ${seed}.`;
  };
  const changeOf = (name: string, sign: 1 | -1): string => {
    const isBinary = steering.some((attribute) => attribute.name === name && attribute.kind === 'binary');
    if (isBinary) return sign > 0 ? 'added' : 'removed';
    return sign > 0 ? 'increased' : 'reduced';
  };
  const push = async (name: string, sign: 1 | -1): Promise<void> => {
    work.abort();
    work = new AbortController();
    const mine = work;
    const title = attributeTitle(name, model);
    try {
      const steered = await generator.steer({
        source: z ?? seed,
        push: { [name]: sign },
        hold,
        signal: mine.signal,
        onStep({ step, steps, image, verdicts }) {
          show(canvas, image);
          showPredictions(verdicts);
          status.textContent = `${sign > 0 ? 'More' : 'Less'} ${title}: step ${step} of ${steps}.`;
        },
      });
      z = steered.z;
      const moved = steering.filter(({ name: other, kind }) => {
        const [a, b] = [steered.before[other]!, steered.verdicts[other]!];
        return other !== name && (kind === 'binary' ? a > 0.5 !== b > 0.5 : Math.abs(a - b) > 0.5);
      });
      const done = `${title[0]!.toUpperCase()}${title.slice(1)} ${changeOf(name, sign)}.`;
      status.textContent =
        moved.length === 0
          ? `${done} The classifier noticed no other change.`
          : `${done} Also changed: ${moved.map((each) => attributeTitle(each.name, model)).join(', ')}.`;
    } catch (error) {
      if (!mine.signal.aborted) throw error;
    }
  };
  const keeping = make('input', {
    attributes: { type: 'checkbox' },
    on: {
      change: () => {
        hold = keeping.checked ? 1 : 0;
        note({ hold: hold === 0 ? '0' : '' });
      },
    },
  });
  keeping.checked = hold === 1;
  place.append(
    make('div', { class: 'pair' }, before, canvas),
    status,
    bar(
      make('label', {}, keeping, ' keep everything else'),
      button('Stop', () => work.abort()),
      button('Start again', () => void reset()),
      button('Another picture', () => {
        seed = randomSeed();
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
          make('th', { text: attributeTitle(name, model), attributes: { scope: 'row' } }),
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
