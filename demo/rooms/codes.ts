// The room of models with codes: one picture with a control for each code, and a table as in the InfoGAN paper's figure 2, with a row for
// each choice, along which one continuous code runs through its range.
import type { CodeValue } from '../../runtime-web/index.ts';
import type { Code } from '../../runtime-web/format/model.ts';
import { redrawer } from '../redraw.ts';
import type { RoomContext } from '../room.ts';
import { canvasOf, largeCanvas, lead, make, show, without } from '../page.ts';
import { note, randomSeed, wholeNumber } from '../state.ts';
import { button, select, slider } from '../widgets.ts';

/** Pictures along a slider. */
const columns = 9;

/** Fills the room. */
export async function open({ place, generator, first, values, signal }: RoomContext): Promise<void> {
  const { conditioning } = generator.model;
  place.append(
    lead(
      'Besides its noise this generator gets codes: a choice and some numbers. In training a second network had to guess the codes ' +
        'from the picture, so each code came to change something visible. Nobody chose what each code means; training did. Try them.',
    ),
  );
  if (conditioning?.kind !== 'codes') {
    place.append(without('codes', 'train --condition info'));
    return;
  }
  const { codes } = conditioning;
  let seed = wholeNumber(values['seed'], first + 4);
  const current = codes.map((code, i) => readCode(code, values[nameOf(i)]));
  const numbers = codes.flatMap((code, i) => (code.kind === 'continuous' ? [i] : []));
  const choice = codes.findIndex(({ kind }) => kind === 'choice');
  let along = numbers.find((i) => nameOf(i) === values['along']) ?? numbers[0] ?? -1;

  const canvas = largeCanvas('The picture');
  const table = make('table', { class: 'classes' });
  const draw = redrawer(async () => {
    const [image] = await generator.generate({ seeds: [seed], codes: [...current], signal });
    show(canvas, image!);
  }, signal);
  const drawTable = redrawer(async () => {
    const rows: readonly (string | null)[] = choice < 0 ? [null] : choicesOf(codes[choice]!);
    const steps = along < 0 ? [0] : Array.from({ length: columns }, (_, k) => k / (columns - 1));
    const filled: HTMLElement[] = [];
    for (const row of rows) {
      const each = steps.map((share) => {
        const given = [...current];
        if (row !== null) given[choice] = row;
        const code = codes[along];
        if (code?.kind === 'continuous') given[along] = code.least + share * (code.most - code.least);
        return given;
      });
      const images = await generator.generate({ seeds: each.map(() => seed), codes: each, signal });
      if (signal.aborted) return;
      const head = row === null ? [] : [make('th', { text: row, attributes: { scope: 'row' } })];
      filled.push(make('tr', {}, ...head, ...images.map((image) => make('td', {}, canvasOf(image)))));
    }
    table.replaceChildren(...filled);
  }, signal);
  const changed = (i: number, value: CodeValue): void => {
    current[i] = value;
    note({ [nameOf(i)]: `${value}` });
    void draw();
  };
  const control = (code: Code, i: number): HTMLElement => {
    if (code.kind === 'continuous') {
      const range = { min: code.least, max: code.most, step: 0.05, value: Number(current[i]) };
      return slider(code.name, range, (value) => changed(i, value));
    }
    const options = code.choices.map((text) => [text, text] as const);
    return select(code.name, options, String(current[i]), (value) => changed(i, value)).element;
  };
  const chooseAlong = select(
    'Along the rows:',
    numbers.map((i) => [`${i}`, codes[i]!.name]),
    `${along}`,
    (value) => {
      along = Number(value);
      note({ along: nameOf(along) });
      void drawTable();
    },
  );
  place.append(
    make(
      'div',
      { class: 'side' },
      canvas,
      make(
        'div',
        {},
        ...codes.map((code, i) => make('p', {}, control(code, i))),
        button('Other noise', () => {
          seed = randomSeed();
          note({ seed: `${seed}` });
          void draw();
          void drawTable();
        }),
      ),
    ),
    make('h3', { text: 'All choices, from end to end' }),
    ...(numbers.length > 1 ? [chooseAlong.element] : []),
    make('div', { class: 'wide' }, table),
  );
  await draw();
  await drawTable();
}

/** A code's name in the URL. */
const nameOf = (i: number): string => `code${i + 1}`;

function choicesOf(code: Code): readonly string[] {
  return code.kind === 'choice' ? code.choices : [];
}

/** A code's value from the URL, or its first choice or the middle of its range. */
function readCode(code: Code, text: string | undefined): CodeValue {
  if (code.kind === 'choice') return code.choices.includes(text ?? '') ? text! : code.choices[0]!;
  const value = Number(text);
  const isIn = text !== undefined && text !== '' && value >= code.least && value <= code.most;
  return isIn ? value : (code.least + code.most) / 2;
}
