import { expect, test } from 'vitest';
import { adviceOf } from '#lab/show/conclusion/advice.ts';
import { plainWords } from '#lab/show/conclusion/words.ts';
import { makeResult } from '#test/fixtures/result.ts';

const sick = { variant: 'events-16', tried: 7, window: 'phase after', before: 0 };
const said = (advice: object[]) =>
  adviceOf({ ...makeResult(), advice: advice as never }).map((words) => plainWords(words));

test('adviceOf names the change, its figures, and the command that writes it', () => {
  const [sentence, command, ...more] = said([{ ...sick, change: 'no retries', after: 0.9, seeds: 5 }]);
  expect(sentence).toMatch(
    /^events-16: with no retries, 90.% in time, phase after, instead of 0.% .*5.fresh seeds/,
  );
  expect(command).toMatch(/ advise .*yaml/);
  expect(more).toEqual([]);
});

test('adviceOf says that the time for a search was over, and how to search on', () => {
  const [sentence, command] = said([{ ...sick, isCutOff: true }]);
  expect(sentence).toMatch(/^events-16: the time for a search was over after 7.tried changes/);
  expect(command).toMatch(/^Search on, and write the changed file: .* advise .*yaml/);
});

test('adviceOf says that nothing helps, and gives no command then', () => {
  expect(said([sick])).toEqual([expect.stringMatching(/^events-16: none of 7.tried changes helps/)]);
  expect(adviceOf(makeResult())).toEqual([]);
});
