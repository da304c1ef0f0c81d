// The room of directions in latent space: a slider for each direction of the model.
import { latentOf } from '../../runtime-web/index.ts';
import { attributeTitle } from '../attribute-names.ts';
import { redrawer } from '../redraw.ts';
import type { RoomContext } from '../room.ts';
import { largeCanvas, lead, make, show, without } from '../page.ts';
import { note, randomSeed, wholeNumber } from '../state.ts';
import { button, slider } from '../widgets.ts';

/** Limit of a direction's factor; at 1, most pictures show the direction's attribute. */
const max = 1.5;

/** Fills the room. */
export async function open({ place, generator, first, values, signal }: RoomContext): Promise<void> {
  const { model } = generator;
  place.append(
    lead(
      'Each slider adds a fixed list of numbers to those of the picture, to change one feature. ' +
        'We found each direction by comparing faces with and without the feature, then fine-tuned it to leave other features alone, ' +
        'but not colours and hair styles, which often change with it. Below each slider is what a second classifier found on ' +
        'new faces. Principal directions are the ones that change the picture most.',
    ),
  );
  if (model.directions.length === 0) {
    place.append(without('directions', 'directions MODEL --method sefa'));
    return;
  }
  let seed = wholeNumber(values['seed'], first + 12);
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

/**
 * The quality of a direction: the share of pictures it works on, what else it changes most often, and its length; for a principal one,
 * its share of the variance.
 */
function figuresOf(name: string, figures: Readonly<Record<string, number>>): HTMLElement[] {
  const { success, varianceShare, eigenvalueShare, length, latentLength } = figures;
  const percent = (share: number): string => `${Math.round(share * 100)}%`;
  const line = (...content: (HTMLElement | string)[]) => make('small', { class: 'figures' }, ...content);
  const share = varianceShare ?? eigenvalueShare;
  if (share !== undefined)
    return [line(`${name}: ${percent(share)} of the variation in the first layer's output`)];
  if (success === undefined) return [];
  const meter = make('meter', { attributes: { value: `${success}`, 'aria-hidden': 'true' } });
  const [most] = Object.entries(figures)
    .filter(([key]) => key.startsWith('moved/'))
    .sort(([, a], [, b]) => b - a);
  const parts = [
    `works on ${percent(success)} of faces`,
    ...(most === undefined
      ? []
      : [`changes ${attributeTitle(most[0].slice('moved/'.length))} in ${percent(most[1])}`]),
    ...(length === undefined || latentLength === undefined
      ? []
      : [`${(length / latentLength).toFixed(1)} times as long as a picture's numbers`]),
  ];
  return [line(meter, ` ${parts.join('; ')}`)];
}
