// The quiz room: the visitor and the discriminator tell real pictures, outside the training set, from generated ones.
import { heldOutOf, pictureOfFile, picturesOf } from '../pictures.ts';
import { answersOf, answersText, questionCount, questionsOf, recordText, scoreOf } from '../quiz.ts';
import type { RoomContext } from '../room.ts';
import { canvasOf, errorBox, lacking, lead, make } from '../page.ts';
import { note, randomSeed, wholeNumber } from '../state.ts';
import { bar, button } from '../widgets.ts';

const percent = (probability: number): string => {
  const rounded = Math.round(100 * probability);
  return rounded === 0 ? 'under 1%' : rounded === 100 ? 'over 99%' : `${rounded}%`;
};

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
  const pictures = await picturesOf(model, signal);
  const game = make('div', {});
  const play = async (
    real: readonly HTMLCanvasElement[],
    text: string,
    round: number,
    answers: boolean[],
  ) => {
    const questions = questionsOf(round, real.length);
    const seeds = questions.flatMap((question) => (question.isReal ? [] : [question.seed]));
    const drawn = (await generator.generate({ seeds, signal })).map(canvasOf);
    const canvases = questions.map((question) =>
      question.isReal ? real[question.index]! : drawn[seeds.indexOf(question.seed)]!,
    );
    const opinions = await generator.discriminate({ images: canvases, signal });
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
            `Picture ${i + 1} of ${questionCount}.` +
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
  const record = pictures?.discriminator;
  place.append(game, ...(record ? [lead(recordText(record))] : []));
  const round = wholeNumber(values['round'], randomSeed());
  if (pictures !== null) {
    const real = await heldOutOf(model, pictures, signal);
    await play(real, `Real pictures: ${pictures.heldOut.text}`, round, answersOf(values['answers']));
    return;
  }
  const choose = make('input', {
    attributes: { type: 'file', accept: 'image/*', multiple: '' },
    on: {
      change: () => {
        Promise.all([...(choose.files ?? [])].map((file) => pictureOfFile(file, generator.model)))
          .then((real) => play(real, 'The real pictures are the ones you chose.', round, []))
          .catch((error: unknown) => signal.aborted || game.replaceChildren(errorBox(error)));
      },
    },
  });
  game.append(
    make('p', {
      text: `This model came without real pictures. Choose at least ${questionCount} that it was not trained on; they stay on this device.`,
    }),
    make('label', {}, 'Real pictures ', choose),
  );
}
