// The quiz "Real or fake?": the questions of a round, and the score. A round is a number, so that a link repeats its questions.
import { Random } from '../runtime-web/format/random.ts';
import type { DiscriminatorFigures } from './pictures.ts';

/** Questions of a round. */
export const questionCount = 10;

/** A question: a real image by its index, or a sample by its seed. */
export type Question =
  { readonly isReal: true; readonly index: number } | { readonly isReal: false; readonly seed: number };

/** The questions of a round, from `realCount` real images, none of them twice. */
export function questionsOf(round: number, realCount: number): Question[] {
  const random = new Random(round);
  const indices = random.shuffle(Array.from({ length: realCount }, (_, index) => index));
  return Array.from({ length: questionCount }, (): Question => {
    const index = random.integer(2) === 0 ? indices.pop() : undefined;
    return index === undefined
      ? { isReal: false, seed: 1_000_000 + random.integer(1_000_000) }
      : { isReal: true, index };
  });
}

/** The score so far. */
export interface Score {
  readonly answered: number;
  readonly right: number;
  /** Right answers in a row at the end. */
  readonly streak: number;
  /** The discriminator's right answers to the same questions; a probability of at least 0.5 counts as real. */
  readonly discriminatorRight: number;
}

/** The score of answers (true for real), given the truth and the discriminator's predicted probabilities. */
export function scoreOf(
  answers: readonly boolean[],
  truth: readonly boolean[],
  probabilities: readonly number[],
): Score {
  const rights = answers.map((answer, i) => answer === truth[i]);
  const lastWrong = rights.lastIndexOf(false);
  return {
    answered: answers.length,
    right: rights.filter(Boolean).length,
    streak: answers.length - 1 - lastWrong,
    discriminatorRight: answers.filter((_, i) => probabilities[i]! >= 0.5 === truth[i]).length,
  };
}

/** The discriminator's record in words: what it calls real, and how often it prefers the real one of a pair. */
export function recordText({
  images,
  realCalledReal,
  fakesCalledReal,
  pairsRight,
}: DiscriminatorFigures): string {
  const percent = (share: number): string => `${Math.round(100 * share)}%`;
  return (
    `We tried this discriminator on ${images} real pictures and ${images} fakes. It calls ${percent(realCalledReal)} of the real ones ` +
    `real, and ${percent(fakesCalledReal)} of the fakes. Of a real picture and a fake, it finds the real one more probable ` +
    `${percent(pairsRight)} of the time.` +
    (fakesCalledReal > 0.5 ? ' It is a weak player: its probabilities are far too high for fakes.' : '')
  );
}

/** Answers from a link, `rf…`; other letters and surplus answers are ignored. */
export function answersOf(text: string | undefined): boolean[] {
  return [...(text ?? '')]
    .filter((letter) => letter === 'r' || letter === 'f')
    .slice(0, questionCount)
    .map((letter) => letter === 'r');
}

/** Answers as text for a link; see {@link answersOf}. */
export function answersText(answers: readonly boolean[]): string {
  return answers.map((isReal) => (isReal ? 'r' : 'f')).join('');
}
