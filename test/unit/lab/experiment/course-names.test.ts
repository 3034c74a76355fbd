import { join } from 'node:path';
import { expect, test } from 'vitest';
import { courseFolder, fileOf } from '#lab/experiment/course.ts';
import { readExperiment } from '#lab/experiment/read.ts';
import { problemsOf } from '#test/fixtures/experiment.ts';

test.each(['01-burst', '01-burst.yaml', '01'])('fileOf finds an experiment of the course: %s', (given) => {
  expect(fileOf(given)).toBe(join(courseFolder(), '01-burst.yaml'));
});

test.each([
  ['an existing file', 'package.json'],
  ['a path', './01-burst'],
  ['nothing of the course', 'burst'],
])('fileOf leaves %s as it is: %s', (_what, given) => {
  expect(fileOf(given)).toBe(given);
});

test('readExperiment reads an experiment of the course by its number, and knows its file', () => {
  const { name, file } = readExperiment('02');
  expect({ name, file }).toEqual({ name: '02-baseline', file: join(courseFolder(), '02-baseline.yaml') });
});

test.each([
  ['01-brust', 'no experiment 01-brust, did you mean 01-burst?'],
  ['burst', 'no experiment burst, did you mean 01-burst?'],
  ['lab/mine', 'lab/mine: no such file or folder'],
  ['experiments/01-brust', 'no experiment experiments/01-brust, did you mean 01-burst?'],
  ['99', expect.stringMatching(/^99: no such file or folder; .*list/)],
  ['experiments', 'experiments: expected a file, got a folder: name its files'],
])('readExperiment of %s says: %s', (given, message) => {
  expect(problemsOf(() => readExperiment(given))).toEqual([message]);
});
