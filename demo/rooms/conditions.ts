// The room of classes for models with attributes or numbers: a checkbox or slider for each, pictures of this condition, and a table in
// which each row runs through one of them.
import { conditionFields, type ConditionField } from '../../runtime-web/format/condition-fields.ts';
import { conditionText } from '../../runtime-web/format/condition-text.ts';
import type { ExampleConditioning } from '../../runtime-web/format/example-rows.ts';
import { wantedValues } from '../../runtime-web/format/wanted-values.ts';
import { canvasOf, largeCanvas, lead, make, show, tile } from '../page.ts';
import { redrawer } from '../redraw.ts';
import type { RoomContext } from '../room.ts';
import { note, randomSeed, wholeNumber } from '../state.ts';
import { bar, button, checkbox, slider } from '../widgets.ts';

/** Pictures below the large one. */
const pictureCount = 24;
/** Pictures from the least number to the most. */
const columns = 9;

/** Fills the room. */
export async function openConditions(
  { place, generator, first, values, signal }: RoomContext,
  conditioning: ExampleConditioning,
): Promise<void> {
  const fields = conditionFields(conditioning);
  let seed = wholeNumber(values['seed'], first);
  const current = startOf(fields, conditioning, values['condition']);
  const canvas = largeCanvas('The picture');
  const grid = make('div', { class: 'grid', attributes: { role: 'group', 'aria-label': 'More pictures' } });
  const table = make('table', { class: 'classes' });

  const draw = redrawer(async () => {
    const seeds = Array.from({ length: pictureCount + 1 }, (_, i) => seed + i);
    const [large, ...others] = await generator.generate({ seeds, condition: { ...current }, signal });
    if (signal.aborted) return;
    show(canvas, large!);
    grid.replaceChildren(...others.map((image) => tile(image)));
    const rows: HTMLElement[] = [];
    for (const field of fields) {
      const row = stepsOf(field).map((value) => ({ ...current, [field.name]: value }));
      const images = await generator.generate({ seeds: row.map(() => seed), condition: row, signal });
      if (signal.aborted) return;
      const head = make('th', { text: field.name, attributes: { scope: 'row' } });
      rows.push(make('tr', {}, head, ...images.map((image) => make('td', {}, canvasOf(image)))));
    }
    table.replaceChildren(...rows);
  }, signal);
  const control = (field: ConditionField): HTMLElement => {
    const changed = (value: number): void => {
      current[field.name] = value;
      note({ condition: conditionText(current) });
      void draw();
    };
    const value = current[field.name]!;
    if (field.kind !== 'number') return checkbox(field.name, value >= 0.5, (isOn) => changed(isOn ? 1 : 0));
    const { least, most } = field;
    const isWhole = most - least >= 10 && Number.isInteger(least) && Number.isInteger(most);
    const range = { min: least, max: most, step: isWhole ? 1 : (most - least) / 100, value };
    // Rounding may pass an end.
    return slider(field.name, range, (chosen) => changed(Math.min(most, Math.max(least, chosen))));
  };
  const go = (next: number): void => {
    seed = next;
    note({ seed: `${seed}` });
    void draw();
  };
  place.append(
    lead(
      conditioning.kind === 'attributes'
        ? 'This generator learned what each picture shows, and you can tell it what to draw. The list of random numbers decides the rest.'
        : 'This generator learned numbers that describe each picture, and you can give it others. The list of random numbers decides the rest.',
    ),
    make(
      'div',
      { class: 'side' },
      canvas,
      make(
        'div',
        {},
        ...fields.map((field) => make('p', {}, control(field))),
        bar(
          button('Other numbers', () => go(randomSeed()), true),
          button('Back to the first', () => go(first)),
        ),
      ),
    ),
    make('h3', {
      text: conditioning.kind === 'attributes' ? 'Without and with each' : 'Each from end to end',
    }),
    make('div', { class: 'wide' }, table),
    make('h3', { text: 'More pictures of the same' }),
    grid,
  );
  await draw();
}

/** The condition to start with: that of the URL, completed by the first example. An invalid one is ignored. */
function startOf(
  fields: readonly ConditionField[],
  { examples }: ExampleConditioning,
  text = '',
): Record<string, number> {
  let values: readonly (number | null)[] = [];
  try {
    values = wantedValues(fields, text);
  } catch {
    // As without one.
  }
  return Object.fromEntries(fields.map(({ name }, i) => [name, values[i] ?? examples[0]![i]!]));
}

/** No and yes, or numbers from the least to the most. */
function stepsOf(field: ConditionField): readonly number[] {
  if (field.kind !== 'number') return [0, 1];
  const { least, most } = field;
  return Array.from({ length: columns }, (_, i) => least + ((most - least) * i) / (columns - 1));
}
