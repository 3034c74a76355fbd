import { expect, test } from 'vitest';
import { withTable } from '#lab/build/reference/write-pages.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { problemsOf } from '#test/fixtures/experiment.ts';
import { read } from '#test/tidy/tree.ts';

const page = read('docs/reference/hypotheses.md')!;
const yaml = (text: string) => /^```yaml\n(.*?)^```/ms.exec(text)![1]!;
const [experiment] = yaml(read('README.md')!).split(/^hypothesis:/m);

test.each([
  ['metrics', 'hypotheses.md', '| `goodput` | a share of the offered requests |'],
  ['outcomes', 'ledger.md', '| `ok` | completed within the deadline |'],
  ['faults', 'faults.md', '| `brownout` | Capacity shrinks'],
  ['fault options', 'faults.md', '| `added.sigma` | required; 0–5 |'],
  ['result', 'result.md', 'figures: Figure[]'],
  ['run records', 'evidence.md', 'turn: number'],
  ['variant records', 'evidence.md', 'counters: Record<string, number | null>'],
  ['process metrics', 'metrics.md', '| `spillway_backoff_seconds` | gateway, consumer |'],
  ['experiment', 'experiment.md', '| `deadlineMs` | required; 0–3,600,000, not 0 |'],
  ['variant', 'experiment.md', '| `policies` | `[]`; list of up to 20 |'],
  ['rpc variant', 'experiment.md', '| `clients` | `1`; integer 1–1,000 | Number of clients'],
  ['event variant', 'experiment.md', '| `consumer.concurrency` | `16`; integer 1–1,000 |'],
  ['downstream', 'experiment.md', '| `abandonOnAbort` | `false`; true, false |'],
  ['redrives', 'experiment.md', '| `ratePerSecond` | `100`; 0–100,000, not 0 |'],
  ['arrivals', 'load.md', '### poisson'],
  ['models', 'models.md', '| `capacityRps` | `250`; 0–1,000,000, not 0 | The knee'],
  ['policies', 'policies.md', '| `maxRetries` |'],
] as const)('withTable gives the table %s of reference/%s; else run npm run pages', (name, file, row) => {
  const page = read(`docs/reference/${file}`)!;
  expect(page).toContain(row);
  expect(withTable(page, name)).toBe(page);
  const emptied = page.replace(new RegExp(`(?<=<!-- ${name} -->\n)[^]*?(?=<!-- end)`), '');
  expect(emptied).not.toContain(row);
  expect(withTable(emptied, name)).toBe(page);
});

test.each([
  ["README's own", yaml(read('README.md')!)],
  ["the tutorial's", yaml(read('docs/tutorial.md')!)],
  ['docs/reference/experiment.md', yaml(read('docs/reference/experiment.md')!)],
  ["README's with the hypotheses of docs/reference/hypotheses.md", experiment + yaml(page)],
])('parseExperiment accepts the experiment %s', (_what, text) => {
  expect(problemsOf(() => parseExperiment(text, 'mine.yaml'))).toEqual([]);
  expect(parseExperiment(text, 'mine.yaml').hypothesis.length).toBeGreaterThan(1);
});
