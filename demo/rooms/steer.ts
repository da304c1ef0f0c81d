// The room of steering: the gradient of a classifier, through the generator, adds or removes an attribute or chooses a colour, update by
// update; meters and lists show the classifier's predictions of all attributes.
import { attributeTitle } from '../attribute-names.ts';
import type { RoomContext } from '../room.ts';
import { canvasOf, lacking, largeCanvas, lead, make, show, statusLine } from '../page.ts';
import { note, randomSeed, wholeNumber } from '../state.ts';
import { choiceOf, hasMoved, steeringRows, type SteeringRow } from '../steering-rows.ts';
import { bar, button, select } from '../widgets.ts';

/** Fills the room. */
export async function open({ place, generator, first, values, signal }: RoomContext): Promise<void> {
  const { model } = generator;
  place.append(
    lead(
      'A small classifier looks at the picture. Its gradient, backpropagated through the generator, shows how to change the list ' +
        'of numbers so that the classifier sees more of one thing. A penalty on its other predictions keeps what the table shows; of anything else, the classifier knows nothing.',
    ),
  );
  const { steering } = model;
  if (steering === null) {
    place.append(lacking(generator.model, 'steer', 'steering'));
    return;
  }
  let seed = wholeNumber(values['seed'], first + 12);
  let hold = values['hold'] === '0' ? 0 : 1;
  let z: Float32Array | null = null;
  let work = new AbortController();
  signal.addEventListener('abort', () => work.abort());

  const before = make('div', { class: 'large' });
  const canvas = largeCanvas('The steered picture');
  const status = statusLine();
  const rows = steeringRows(steering);
  const meters = new Map(
    rows
      .filter(({ choices }) => choices === null)
      .map(({ name, kind }) => [
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
  const lists = new Map(
    rows.flatMap((row) => {
      if (row.choices === null) return [];
      const options = ['', ...row.choices].map((choice) => [choice, choice] as const);
      const list = select('', options, '', (choice) => {
        if (choice !== '') void push(row, 1, choice);
      });
      list.element.querySelector('select')!.setAttribute('aria-label', attributeTitle(row.name, model));
      return [[row, list] as const];
    }),
  );
  const showPredictions = (verdicts: Readonly<Record<string, number>>): void => {
    for (const [name, meter] of meters) meter.value = verdicts[name] ?? 0;
    for (const [row, list] of lists) list.choose(choiceOf(row, verdicts));
  };
  const reset = async (): Promise<void> => {
    work.abort();
    z = null;
    for (const list of lists.values()) list.choose('');
    const [image] = await generator.generate({ seeds: [seed], signal });
    before.replaceChildren(canvasOf(image!));
    show(canvas, image!);
    status.textContent = `Picture ${seed}.`;
  };
  const push = async (row: SteeringRow, sign: 1 | -1, choice: string | null = null): Promise<void> => {
    work.abort();
    work = new AbortController();
    const mine = work;
    const title = attributeTitle(row.name, model);
    const aim = choice === null ? `${sign > 0 ? 'More' : 'Less'} ${title}` : `${upper(title)} ${choice}`;
    try {
      const steered = await generator.steer({
        source: z ?? seed,
        push: { [choice === null ? row.name : `${row.name}/${choice}`]: sign },
        hold,
        signal: mine.signal,
        onStep({ step, steps, image, verdicts }) {
          show(canvas, image);
          showPredictions(verdicts);
          status.textContent = `${aim}: step ${step} of ${steps}.`;
        },
      });
      z = steered.z;
      const others = rows.filter((other) => other !== row);
      const moved = others.filter((other) => hasMoved(other, steered.before, steered.verdicts));
      const done = choice === null ? `${upper(title)} ${changeOf(row, sign)}.` : `${aim} asked for.`;
      status.textContent =
        moved.length === 0
          ? `${done} Of ${others.length} other features that the classifier knows, none changed.`
          : `${done} Also changed: ${moved.map(({ name }) => attributeTitle(name, model)).join(', ')}.`;
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
      make('label', {}, keeping, ' keep the other features'),
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
      ...rows.map((row) => {
        const head = make('th', {
          text: attributeTitle(row.name, model),
          attributes: { scope: 'row' },
        });
        const list = lists.get(row);
        if (list !== undefined)
          return make('tr', {}, head, make('td', { attributes: { colspan: '2' } }, list.element));
        return make(
          'tr',
          {},
          head,
          make('td', {}, meters.get(row.name)!),
          make(
            'td',
            {},
            button('Less', () => void push(row, -1)),
            ' ',
            button('More', () => void push(row, 1)),
          ),
        );
      }),
    ),
  );
  await reset();
}

const upper = (text: string): string => `${text[0]!.toUpperCase()}${text.slice(1)}`;

/** Changes that steering can make to an attribute of one column. */
function changeOf({ kind }: SteeringRow, sign: 1 | -1): string {
  if (kind === 'binary') return sign > 0 ? 'added' : 'removed';
  return sign > 0 ? 'increased' : 'reduced';
}
