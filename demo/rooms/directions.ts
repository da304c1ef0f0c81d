// The room of directions in latent space: a slider for each direction of the model.
import { latentOf } from '../../runtime-web/index.ts';
import { redrawer } from '../redraw.ts';
import type { RoomContext } from '../room.ts';
import { largeCanvas, lead, make, show, without } from '../page.ts';
import { note, randomSeed, wholeNumber } from '../state.ts';
import { button, slider } from '../widgets.ts';

/** Limit of a direction's factor; at 1, most pictures show the direction's attribute. */
const max = 1.5;

/** Fills the room. */
export async function open({ place, generator, values, signal }: RoomContext): Promise<void> {
  const { model } = generator;
  place.append(
    lead(
      'Each slider adds a fixed list of numbers to those of the picture, which changes one feature and little else. ' +
        'We found each direction by comparing faces with and without the feature, then fine-tuned it to leave the rest alone. ' +
        'Principal directions are the ones that change the picture most.',
    ),
  );
  if (model.directions.length === 0) {
    place.append(without('directions', 'directions MODEL --method sefa'));
    return;
  }
  let seed = wholeNumber(values['seed'], 12);
  const amounts = model.directions.map(({ name }) =>
    Math.max(-max, Math.min(max, Number(values[name] ?? 0) || 0)),
  );
  const canvas = largeCanvas('The picture');
  const draw = redrawer(async () => {
    const z = latentOf(model, seed);
    model.directions.forEach(({ vector }, d) => z.forEach((_, i) => (z[i]! += amounts[d]! * vector[i]!)));
    const [image] = await generator.generate({ z: [z], signal });
    show(canvas, image!);
  }, signal);
  place.append(
    make(
      'div',
      { class: 'side' },
      canvas,
      make(
        'div',
        {},
        ...model.directions.map(({ name, figures }, d) =>
          make(
            'p',
            {},
            slider(name, { min: -max, max, step: 0.05, value: amounts[d]! }, (value) => {
              amounts[d] = value;
              note({ [name]: `${value}` });
              void draw();
            }),
            ...figuresOf(name, figures),
          ),
        ),
        button('Another picture', () => {
          seed = randomSeed();
          note({ seed: `${seed}` });
          void draw();
        }),
      ),
    ),
  );
  await draw();
}

/** The quality of a direction: the share of pictures it works on; for a principal one, its share of the variance. */
function figuresOf(
  name: string,
  { success, varianceShare, eigenvalueShare }: Readonly<Record<string, number>>,
): HTMLElement[] {
  const percent = (share: number): string => `${Math.round(share * 100)}%`;
  const line = (...content: (HTMLElement | string)[]) => make('small', { class: 'figures' }, ...content);
  const share = varianceShare ?? eigenvalueShare;
  if (share !== undefined)
    return [line(`${name}: ${percent(share)} of the variation in the first layer's output`)];
  if (success === undefined) return [];
  const meter = make('meter', { attributes: { value: `${success}`, 'aria-hidden': 'true' } });
  return [line(meter, ` works on ${percent(success)} of faces`)];
}
