// Directions in latent space that change one thing: sliders, where the model brings them.
import { latentOf } from '../../runtime-web/index.ts';
import { button, make, opening, show, slider } from '../page.ts';
import { redrawer } from '../redraw.ts';
import type { Room, RoomContext } from '../room.ts';
import { note, wholeNumber } from '../state.ts';

/** Furthest that a slider goes; at one, most pictures have what it is named for. */
const most = 1.5;

export const directions: Room = {
  name: 'directions',
  title: 'Directions',
  needs: 'directions',
  async open({ place, generator, values, signal }: RoomContext) {
    const { model } = generator;
    place.append(
      ...opening(
        'Directions',
        'Some directions in the space of lists of numbers mean something: going along one, one thing about the picture ' +
          'changes and the rest stays. They were found by comparing the lists of pictures that have it with those that have ' +
          'not; principal ones, without asking what is in the pictures, as those that change the most.',
      ),
    );
    if (model.directions.length === 0) {
      place.append(make('p', { text: 'This model brings no directions. Choose another one.' }));
      return;
    }
    let seed = wholeNumber(values['seed'], 12);
    const amounts = model.directions.map(({ name }) =>
      Math.max(-most, Math.min(most, Number(values[name] ?? 0) || 0)),
    );
    const canvas = make('canvas', {
      class: 'large',
      attributes: { role: 'img', 'aria-label': 'The picture' },
    });
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
          ...model.directions.map(({ name }, d) =>
            make(
              'p',
              {},
              slider(name, { min: -most, max: most, step: 0.05, value: amounts[d]! }, (value) => {
                amounts[d] = value;
                note({ [name]: `${value}` });
                void draw();
              }),
            ),
          ),
          make('p', {
            class: 'lead',
            text: model.directions.map(({ name, figures }) => `${name}: ${figuresOf(figures)}`).join(' '),
          }),
          button('Another picture', () => {
            seed = Math.floor(Math.random() * 1_000_000);
            note({ seed: `${seed}` });
            void draw();
          }),
        ),
      ),
    );
    await draw();
  },
};

/** How well a direction does what it is named for; of one that is named by number, how much it changes. */
function figuresOf(figures: Readonly<Record<string, number>>): string {
  const { success, othersMoved, varianceShare, eigenvalueShare } = figures;
  const percent = (share: number): string => `${Math.round(share * 100)}%`;
  const share = varianceShare ?? eigenvalueShare;
  if (share !== undefined)
    return `${percent(share)} of what the first layer makes of the numbers goes this way.`;
  if (success === undefined || othersMoved === undefined) return '';
  return `At 1 it works on ${percent(success)} of the pictures, and changes ${percent(othersMoved)} of what else is known of them.`;
}
