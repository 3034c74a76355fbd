import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readExperiments } from '#lab/experiment/read-all.ts';
import { experimentText, problemsOf } from '#test/fixtures/experiment.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'spillway-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

test('readExperiments reads all, each with its own seed unless one is given', () => {
  const files = [write('a.yaml', experimentText()), write('b.yaml', experimentText({}, 'seed: 5'))];
  expect(readExperiments(files).map(({ name, experiment }) => [name, experiment.seed])).toEqual([
    ['a', 1],
    ['b', 5],
  ]);
  expect(readExperiments(files, { seed: 0 }).map(({ experiment }) => experiment.seed)).toEqual([0, 0]);
});

test('readExperiments checks an experiment with the seed that it is run with', () => {
  const text = (seed: number) =>
    experimentText({ 4: '  - arrivals: { kind: poisson, ratePerSecond: 1, forMs: 1000 }' }, `seed: ${seed}`);
  const [none, some] = [write('none.yaml', text(3)), write('some.yaml', text(1))];
  expect(problemsOf(() => readExperiments([none], { seed: 1 }))).toEqual([]);
  expect(problemsOf(() => readExperiments([some], { seed: 3 }))).toEqual([
    `${some}:4:3: load: expected at least one request, got none`,
  ]);
});

test('readExperiments names the problems of all files at once', () => {
  const files = [write('c.yaml', ''), write('d.yaml', experimentText()), join(folder, 'missing.yaml')];
  const problems = problemsOf(() => readExperiments(files));
  expect(problems.map((problem) => problem.slice(folder.length + 1).split(': ')[0])).toEqual([
    'c.yaml:1:1',
    'missing.yaml',
  ]);
});
