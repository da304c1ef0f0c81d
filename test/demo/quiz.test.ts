// The quiz's rules, without a page.
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { answersOf, answersText, questionCount, questionsOf, recordText, scoreOf } from '../../demo/quiz.ts';

const test = suite('quiz');

test('a round is the same questions each time, about half of them real, no image twice', () => {
  assert.equal(questionsOf(7, 40), questionsOf(7, 40));
  assert.not.equal(questionsOf(7, 40), questionsOf(8, 40));
  let real = 0;
  for (let round = 0; round < 200; round++) {
    const questions = questionsOf(round, 40);
    assert.is(questions.length, questionCount);
    const indices = questions.flatMap((question) => (question.isReal ? [question.index] : []));
    assert.is(new Set(indices).size, indices.length);
    assert.ok(indices.every((index) => index >= 0 && index < 40));
    real += indices.length;
  }
  // 2000 fair coins: five deviations are 112.
  assert.ok(Math.abs(real - 1000) < 112, `${real} of 2000`);
});

test('if real images run out, the rest are fakes', () => {
  for (let round = 0; round < 20; round++) {
    const questions = questionsOf(round, 1);
    assert.is(questions.length, questionCount);
    assert.ok(questions.filter(({ isReal }) => isReal).length <= 1);
  }
});

test('the score counts correct answers, and the current streak', () => {
  const truth = [true, false, true, true];
  const probabilities = [0.9, 0.6, 0.5, 0.49];
  assert.equal(scoreOf([], truth, probabilities), {
    answered: 0,
    right: 0,
    streak: 0,
    discriminatorRight: 0,
  });
  assert.equal(scoreOf([true, true, true], truth, probabilities), {
    answered: 3,
    right: 2,
    streak: 1,
    discriminatorRight: 2,
  });
  assert.equal(scoreOf([true, false, true, true], truth, probabilities), {
    answered: 4,
    right: 4,
    streak: 4,
    discriminatorRight: 2,
  });
  assert.is(scoreOf([true, true], truth, probabilities).streak, 0);
});

test("the discriminator's record is told as measured, and a weak one is called weak", () => {
  const strong = recordText({
    images: 1000,
    realCalledReal: 1,
    fakesCalledReal: 0.123,
    pairsRight: 0.999392,
  });
  assert.match(
    strong,
    /1000 real pictures and 1000 fakes\. It calls 100% of the real ones real, and 12% of the fakes/,
  );
  assert.not.match(strong, /weak/);
  const weak = recordText({ images: 500, realCalledReal: 1, fakesCalledReal: 0.991, pairsRight: 0.817056 });
  assert.match(weak, /99% of the fakes\. .* 82% of the time\. It is a weak player/);
});

test('answers go into a link and come back; invalid ones are ignored', () => {
  assert.equal(answersOf(answersText([true, false, true])), [true, false, true]);
  assert.equal(answersOf(undefined), []);
  assert.equal(answersOf('rx<f'), [true, false]);
  assert.is(answersOf('r'.repeat(99)).length, questionCount);
});

test.run();
