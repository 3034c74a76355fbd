import { expect, test } from 'vitest';
import { isOfTheCourse } from '#grafana/experiments.ts';

test.each([
  ['01-burst.yaml', true],
  ['12-two-words.yaml', true],
  ['mine.yaml', false],
  ['schema.json', false],
  ['02-baseline.yaml~', false],
])('isOfTheCourse: %s is %s, so that an experiment of a reader changes no dashboard', (name, expected) => {
  expect(isOfTheCourse(name)).toBe(expected);
});
