import { expect, test } from 'vitest';
import { parseExperiment } from '#lab/experiment/read.ts';
import { problemsOf } from '#test/fixtures/experiment.ts';
import { hostileFiles } from '#test/fixtures/hostile-files.ts';

/** A tenth of the limit; `npm run bench input` refuses full files. */
const bytes = 25_000;

test.each(Object.entries(hostileFiles(bytes)))('parseExperiment refuses in a page: %s', (_shape, text) => {
  const problems = problemsOf(() => parseExperiment(text, 'x.yaml'));
  expect(problems).not.toEqual([]);
  expect(problems.length).toBeLessThanOrEqual(51);
  for (const problem of problems) expect(problem.length).toBeLessThanOrEqual(650);
});

test('parseExperiment compares only as many variants with each other as there may be', () => {
  const variants = Array.from({ length: 41 }, (_, index) => `  v${index}: { path: rpc, callers: 9000 }`);
  const text = `title: x\ndeadlineMs: 1\nload: []\nvariants:\n${variants.join('\n')}`;
  const problems = problemsOf(() => parseExperiment(text, 'x.yaml'));
  expect(problems.filter((problem) => problem.includes('.callers:'))).toHaveLength(40);
  expect(problems).toContainEqual(expect.stringContaining('expected 1 to 40 variants, got 41'));
});
