import { expect, test } from 'vitest';
import { courseOf, spokenCourse } from '#lab/report/section/course.ts';

const tMs = [0, 50, 100, 150];
const say = (column: readonly (number | null)[], states?: readonly string[]) => {
  const course = courseOf(tMs, column, states);
  return course && spokenCourse(course).replaceAll('\u00a0', ' ');
};

test.each([
  [
    'the most, when it was reached first, and the last',
    [1, 1528, 1528, 3],
    'at most 1,528 at 50 ms, at the end 3',
  ],
  ['the last that was measured', [1, 2, 0, null], 'at most 2 at 50 ms, at the end 0'],
  ['nothing of a time when nobody answered', [null, 0, 4, 4], 'at most 4 at 100 ms, at the end 4'],
  ['that it never changed', [0, 0, null, 0], '0 throughout'],
  ['nothing where nothing was measured', [null, null, null, null], null],
])('courseOf says %s', (_, column, words) => {
  expect(say(column)).toBe(words);
});

test('courseOf calls states by their names', () => {
  expect(say([0, 2, 1, 0], ['closed', 'half-open', 'open'])).toBe('at most open at 50 ms, at the end closed');
});
