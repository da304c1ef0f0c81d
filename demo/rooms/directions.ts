// The room of directions in latent space: a slider for each direction of the model.
import { namedShare, sideEffects } from '../../runtime-web/format/side-effects.ts';
import type { Direction, Model } from '../../runtime-web/format/model.ts';
import { latentOf } from '../../runtime-web/index.ts';
import { attributeTitle } from '../attribute-names.ts';
import { redrawer } from '../redraw.ts';
import type { RoomContext } from '../room.ts';
import { largeCanvas, lead, make, show, without } from '../page.ts';
import { note, randomSeed, wholeNumber } from '../state.ts';
import { button, slider } from '../widgets.ts';

/** Limit of a direction's factor; at 1, most pictures show the direction's attribute. */
const max = 1.5;

/** Number of side effects to name below a slider. */
const maxNamed = 4;

/** Fills the room. */
export async function open({ place, generator, first, values, signal }: RoomContext): Promise<void> {
  const { model } = generator;
  place.append(
    lead(
      'Each slider adds a fixed list of numbers to those of the picture, to change one feature. ' +
        'We found each direction by comparing pictures with and without the feature, then fine-tuned it to leave other features alone, ' +
        'as far as it could. Below each slider is what a second classifier found on new pictures: how often the feature appears, and ' +
        'what else changes in at least one picture in ten. Principal directions are the ones that change the picture most.',
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
        ...model.directions.map((direction, d) => {
          const { name } = direction;
          return make(
            'p',
            {},
            slider(
              attributeTitle(name, model),
              { min: -max, max, step: 0.05, value: amounts[d]! },
              (value) => {
                amounts[d] = value;
                note({ [name]: `${value}` });
                void draw();
              },
            ),
            ...figuresOf(direction, model),
          );
        }),
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
 * The quality of a direction: the share of pictures it works on, its length, and what else it changes, as far as that was measured; for
 * a principal one, its share of the variance.
 */
function figuresOf(direction: Direction, model: Model): HTMLElement[] {
  const { name, figures } = direction;
  const { success, varianceShare, eigenvalueShare, length, latentLength } = figures;
  const line = (...content: (HTMLElement | string)[]) => make('small', { class: 'figures' }, ...content);
  const share = varianceShare ?? eigenvalueShare;
  if (share !== undefined)
    return [line(`${name}: ${percent(share)} of the variation in the first layer's output`)];
  if (success === undefined) return [];
  const meter = make('meter', { attributes: { value: `${success}`, 'aria-hidden': 'true' } });
  const works = `works on ${percent(success)} of pictures`;
  const own =
    length === undefined || latentLength === undefined
      ? works
      : `${works}; ${(length / latentLength).toFixed(1)} times as long as a picture's numbers`;
  const others = alsoChanges(direction, model);
  return [line(meter, ` ${own}`), ...(others === null ? [] : [line(others)])];
}

/** Side effects of a direction in a tenth of the pictures or more, the strongest first; null if nobody measured. */
function alsoChanges(direction: Direction, model: Model): string | null {
  const effects = sideEffects(direction);
  const named = effects.filter(({ share }) => share >= namedShare);
  if (effects.length === 0) return null;
  if (named.length === 0)
    return `each of ${effects.length} other features changes in less than ${percent(namedShare)}`;
  const list = named
    .slice(0, maxNamed)
    .map(({ name, share }) => `${attributeTitle(name, model)} ${percent(share)}`);
  const more = named.length - list.length;
  return `also changes: ${list.join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

const percent = (share: number): string => `${Math.round(share * 100)}%`;
