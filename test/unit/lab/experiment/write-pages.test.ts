import { expect, test } from 'vitest';
import { parseExperiment } from '#lab/experiment/read.ts';
import { withTable } from '#lab/experiment/write-pages.ts';
import { problemsOf } from '#test/fixtures/experiment.ts';
import { read } from '#test/tidy/tree.ts';

const page = read('docs/hypotheses.md')!;
const yaml = (text: string) => /^```yaml\n(.*?)^```/ms.exec(text)![1]!;
const [experiment] = yaml(read('README.md')!).split(/^hypothesis:/m);

test.each([
  ['metrics', 'hypotheses.md', '| `goodput` | a share of the offered requests |'],
  ['outcomes', 'ledger.md', '| `ok` | completed within the deadline |'],
  [
    'faults',
    'faults.md',
    '| `brownout` | Capacity shrinks; with the model congestion. | downstream | `capacityFactor` |',
  ],
] as const)('withTable gives the table of %s in docs/%s; else run npm run pages', (name, file, row) => {
  const page = read(`docs/${file}`)!;
  expect(page).toContain(row);
  expect(withTable(page, name)).toBe(page);
  const emptied = page.replace(new RegExp(`(?<=<!-- ${name} -->\n)[^<]*`), '');
  expect(emptied).not.toContain(row);
  expect(withTable(emptied, name)).toBe(page);
});

test.each([
  ["README's own", yaml(read('README.md')!)],
  ["README's with the hypotheses of docs/hypotheses.md", experiment + yaml(page)],
])('parseExperiment accepts the experiment %s', (_what, text) => {
  expect(problemsOf(() => parseExperiment(text, 'mine.yaml'))).toEqual([]);
  expect(parseExperiment(text, 'mine.yaml').hypothesis.length).toBeGreaterThan(1);
});
