// The quiz room: the visitor and the discriminator tell real pictures, outside the training set, from generated ones.
import { labelsName } from '../../runtime-web/format/condition.ts';
import { conditionFields } from '../../runtime-web/format/condition-fields.ts';
import { conditionText } from '../../runtime-web/format/condition-text.ts';
import type { Model } from '../../runtime-web/format/model.ts';
import type { Condition } from '../../runtime-web/format/wanted-values.ts';
import { heldOutOf, pictureOfFile, picturesOf } from '../pictures.ts';
import { answersOf, answersText, questionCount, questionsOf, recordText, scoreOf } from '../quiz.ts';
import type { RoomContext } from '../room.ts';
import { canvasOf, errorBox, lacking, lead, make } from '../page.ts';
import { note, randomSeed, wholeNumber } from '../state.ts';
import { bar, button, select } from '../widgets.ts';

const percent = (probability: number): string => {
  const rounded = Math.round(100 * probability);
  return rounded === 0 ? 'under 1%' : rounded === 100 ? 'over 99%' : `${rounded}%`;
};

/** A real picture, and its label, attributes or numbers if the discriminator receives them. */
interface RealPicture {
  readonly canvas: HTMLCanvasElement;
  readonly condition: Condition | string | null;
}

/** Fills the room. */
export async function open({ place, generator, model, values, signal }: RoomContext): Promise<void> {
  place.append(
    lead(
      'Two networks played this game against each other until the fakes were good: the generator draws pictures, the ' +
        'discriminator tells real from fake. Now it is your turn. The real pictures here were not used in training.',
    ),
  );
  if (generator.model.files.discriminator === undefined) {
    place.append(lacking(generator.model, 'play this game', 'discriminator'));
    return;
  }
  const { conditioning } = generator.model;
  const isLabelled = labelsName(conditioning) !== null;
  const found = await picturesOf(model, signal);
  // Real pictures without the labels that the discriminator receives are of no use here.
  const heldOut = isLabelled && found?.heldOut?.conditions === undefined ? null : (found?.heldOut ?? null);
  const game = make('div', {});
  const play = async (real: readonly RealPicture[], text: string, round: number, answers: boolean[]) => {
    const questions = questionsOf(round, real.length);
    const seeds = questions.flatMap((question) => (question.isReal ? [] : [question.seed]));
    // A fake has the label of one of the real pictures, so that no label gives the answer away.
    const labelOf = (seed: number): Condition | string => real[seed % real.length]!.condition!;
    const drawn = await generator.generate({
      ...{ seeds, signal },
      ...(isLabelled && { condition: seeds.map(labelOf) }),
    });
    const canvases = questions.map((question) =>
      question.isReal ? real[question.index]!.canvas : canvasOf(drawn[seeds.indexOf(question.seed)]!),
    );
    const labels = questions.map((question) =>
      question.isReal ? real[question.index]!.condition! : labelOf(question.seed),
    );
    const opinions = await generator.discriminate({
      ...{ images: canvases, signal },
      ...(isLabelled && { condition: labels }),
    });
    const truth = questions.map(({ isReal }) => isReal);
    const probabilities = opinions.map(({ probability }) => probability);
    const next = (to: number): Promise<void> => {
      note({ round: `${to}`, answers: '' });
      return play(real, text, to, []);
    };

    const answerText = (i: number): string =>
      `It is ${truth[i]! ? 'real' : 'a fake'}. The discriminator's probability for real: ${percent(probabilities[i]!)}.`;
    const end = (): void => {
      const { right, discriminatorRight } = scoreOf(answers, truth, probabilities);
      const again = button('Another round', () => void next(randomSeed()), true);
      game.replaceChildren(
        make('h3', {
          text: `You ${right} of ${questionCount}, the discriminator ${discriminatorRight} of ${questionCount}`,
        }),
        make(
          'div',
          { class: 'grid' },
          ...canvases.map((canvas, i) =>
            make(
              'figure',
              { class: 'answer' },
              make('div', { attributes: { role: 'img', 'aria-label': `Picture ${i + 1}` } }, canvas),
              make('figcaption', {
                text: `${truth[i]! ? 'Real' : 'Fake'}. You: ${answers[i]! ? 'real' : 'fake'}. Discriminator: ${percent(probabilities[i]!)} real.`,
              }),
            ),
          ),
        ),
        make('p', { class: 'lead', text }),
        bar(again),
      );
      again.focus({ preventScroll: true });
    };
    /** Shows a question, or its answer once it is answered. */
    const ask = (i: number, isAnswered: boolean, isFocused: boolean): void => {
      const score = scoreOf(answers, truth, probabilities);
      const answer = (isReal: boolean): void => {
        answers.push(isReal);
        note({ round: `${round}`, answers: answersText(answers) });
        ask(i, true, true);
      };
      const real = button('Real', () => answer(true));
      const fake = button('Fake', () => answer(false));
      const onwards = button(
        i + 1 < questionCount ? 'Next picture' : 'See the result',
        () => (i + 1 < questionCount ? ask(i + 1, false, true) : end()),
        true,
      );
      const isRight = isAnswered && answers[i] === truth[i];
      game.replaceChildren(
        make('p', {
          class: 'score',
          text:
            `Picture ${i + 1} of ${questionCount}${isLabelled ? ` (${labelText(labels[i]!)})` : ''}.` +
            (score.answered === 0
              ? ''
              : ` You ${score.right} of ${score.answered}, the discriminator ${score.discriminatorRight} of ${score.answered}`) +
            (score.streak > 1 ? `; ${score.streak} right in a row.` : score.answered === 0 ? '' : '.'),
        }),
        make(
          'div',
          { class: 'question', attributes: { role: 'img', 'aria-label': `Picture ${i + 1}: real or fake?` } },
          canvases[i]!,
        ),
        bar(...(isAnswered ? [onwards] : [real, fake])),
        make('p', {
          attributes: { role: 'status' },
          text: isAnswered ? `${isRight ? 'Right' : 'Wrong'}. ${answerText(i)}` : '',
        }),
      );
      if (isFocused) (isAnswered ? onwards : real).focus({ preventScroll: true });
    };
    if (answers.length === questionCount) end();
    else ask(answers.length, false, false);
  };
  const record = heldOut && found?.discriminator;
  place.append(game, ...(record ? [lead(recordText(record))] : []));
  const round = wholeNumber(values['round'], randomSeed());
  if (heldOut !== null) {
    const canvases = await heldOutOf(model, heldOut, signal);
    const { conditions, text } = heldOut;
    const real = canvases.map((canvas, i) => ({ canvas, condition: conditions?.[i] ?? null }));
    await play(real, `Real pictures: ${text}`, round, answersOf(values['answers']));
    return;
  }
  const { control, value } = conditionControl(generator.model);
  const choose = make('input', {
    attributes: { type: 'file', accept: 'image/*', multiple: '' },
    on: {
      change: () => {
        if (choose.files?.length === 0) return;
        Promise.all([...(choose.files ?? [])].map((file) => pictureOfFile(file, generator.model)))
          .then((canvases) => {
            const real = canvases.map((canvas) => ({ canvas, condition: value() }));
            return play(real, 'The real pictures are the ones you chose.', round, []);
          })
          .catch((error: unknown) => signal.aborted || game.replaceChildren(errorBox(error)));
      },
    },
  });
  game.append(
    make('p', {
      text: `This model came without real pictures. Choose at least ${questionCount} that it was not trained on; they stay on this device.`,
    }),
    ...(control === null ? [] : [control]),
    make('label', {}, 'Real pictures ', choose),
  );
}

/** A label in words: `Coat`, `smiling=1 age=30`. */
function labelText(condition: Condition | string): string {
  if (typeof condition === 'string') return condition;
  return 'label' in condition ? String(condition['label']) : conditionText(condition);
}

/** A control for the label of all pictures that the visitor chooses, and its value; both null for a discriminator without labels. */
function conditionControl({ conditioning }: Model): {
  readonly control: HTMLElement | null;
  readonly value: () => Condition | string | null;
} {
  if (conditioning === null || conditioning.kind === 'codes') return { control: null, value: () => null };
  if (conditioning.kind === 'classes') {
    let label = conditioning.names[0]!;
    const { element } = select(
      'What they show',
      conditioning.names.map((name) => [name, name] as const),
      label,
      (name) => (label = name),
    );
    return { control: element, value: () => ({ label }) };
  }
  const [example] = conditioning.examples;
  const names = conditionFields(conditioning).map(({ name }) => name);
  const first = Object.fromEntries(names.map((name, i) => [name, example![i]!]));
  const input = make('input', { attributes: { type: 'text', value: conditionText(first) } });
  return { control: make('label', {}, 'What they show ', input), value: () => input.value };
}
