import { expect, test } from 'vitest';
import { renderTriedPage } from '#lab/explore/page/tried.ts';

const page = {
  version: '0.1.0',
  kind: 'tune' as const,
  experiment: { name: 'small', title: 'Small', source: 'title: Small\n' },
  startedAt: '2026-11-25T01:02:03.000Z',
  command: 'spillway tune small.yaml',
  finding: 'Found deadlineMs=20.',
  required: ['goodput(calls) > 0.5 & more'],
  paths: [{ path: 'deadlineMs' }],
  trials: [
    { point: [10], held: 1, of: 2, holds: false, metric: null },
    { point: [20], held: 20, of: 20, holds: true, metric: null },
  ],
  found: [20],
  changed: 'deadlineMs: 20 # <why>\n',
};

test('renderTriedPage lists the trials, marks the found one, and shows the changed file', () => {
  const html = renderTriedPage(page);
  expect(html).toContain('<th scope="row">deadlineMs=20 <strong>found</strong></th><td>20 of 20</td>');
  expect(html).toContain('<th scope="row">deadlineMs=10</th><td>1 of 2</td>');
  expect(html).toContain('goodput(calls) &gt; 0.5 &amp; more');
  expect(html).toContain('deadlineMs: 20 # &lt;why&gt;');
  expect(html).not.toContain('Metric');
});

test('renderTriedPage without a result has no changed file', () => {
  const html = renderTriedPage({ ...page, found: undefined, changed: undefined });
  expect(html).not.toContain('The changed file');
  expect(html).not.toContain('<strong>found</strong>');
});

test('renderTriedPage shows the metric of each trial', () => {
  const [first, second] = page.trials;
  const html = renderTriedPage({
    ...page,
    metric: 'p99(calls)',
    trials: [first!, { ...second!, metric: 12.34 }],
  });
  expect(html).toContain('<td>–</td>');
  expect(html).toContain('>p99(calls)</th>');
  expect(html).toContain('<td>12.3\u00a0ms</td>');
});
