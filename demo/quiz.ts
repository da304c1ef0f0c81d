// Real or fake, ten times: which pictures a round has, and who was right. A number is a round, so that a link asks the same.
import { Random } from '../runtime-web/format/random.ts';

/** Questions of a round. */
export const questionCount = 10;

/** A question: a real image by its index, or a sample by its seed. */
export type Question =
  { readonly isReal: true; readonly index: number } | { readonly isReal: false; readonly seed: number };

/** The questions of a round, of so many real images; no image twice. */
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

/** How it went so far. */
export interface Score {
  readonly answered: number;
  readonly right: number;
  /** Right ones in a row, up to now. */
  readonly streak: number;
  /** Of the same questions, how many the discriminator has right: it says real from one half on. */
  readonly discriminatorRight: number;
}

/** The score of answers (true for real) by what is true and how probably real the discriminator takes each to be. */
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

/** Answers as a link has them, `rf…`; letters of no meaning, and answers too many, are left out. */
export function answersOf(text: string | undefined): boolean[] {
  return [...(text ?? '')]
    .filter((letter) => letter === 'r' || letter === 'f')
    .slice(0, questionCount)
    .map((letter) => letter === 'r');
}

/** See {@link answersOf}. */
export function answersText(answers: readonly boolean[]): string {
  return answers.map((isReal) => (isReal ? 'r' : 'f')).join('');
}
