import { expect, test } from 'vitest';
import { parseExperiment } from '#lab/experiment/read.ts';
import { withMetrics } from '#lab/experiment/write-metrics.ts';
import { problemsOf } from '#test/fixtures/experiment.ts';
import { read } from '#test/tidy/tree.ts';

const page = read('docs/hypotheses.md')!;
const yaml = (text: string) => /^```yaml\n(.*?)^```/ms.exec(text)![1]!;
const [experiment] = yaml(read('README.md')!).split(/^hypothesis:/m);

test('withMetrics gives what docs/hypotheses.md holds; else run npm run metrics', () => {
  expect(page).toContain('| `goodput` | a share of the offered requests |');
  expect(withMetrics(page)).toBe(page);
});

test('withMetrics writes the table anew, and leaves the text around it', () => {
  const emptied = page.replace(/^\| `.*\n/gm, '');
  expect(emptied).not.toContain('goodput` |');
  expect(withMetrics(emptied)).toBe(page);
});

test.each([
  ["README's own", yaml(read('README.md')!)],
  ["README's with the hypotheses of docs/hypotheses.md", experiment + yaml(page)],
])('parseExperiment accepts the experiment %s', (_what, text) => {
  expect(problemsOf(() => parseExperiment(text, 'mine.yaml'))).toEqual([]);
  expect(parseExperiment(text, 'mine.yaml').hypothesis.length).toBeGreaterThan(1);
});
