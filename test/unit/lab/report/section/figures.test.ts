import { expect, test } from 'vitest';
import { metricName } from '#lab/report/metric-name.ts';
import { sides } from '#lab/report/section/hypotheses.ts';

const plainly = (texts: readonly string[]) => texts.map((text) => text.replaceAll('\u00a0', ' '));

test.each([
  ['p99(a) < 1500ms', 1231, 1500, ['1.23 s', '1.5 s']],
  ['1500ms > p99(a)', 1500, 1231, ['1.5 s', '1.23 s']],
  ['goodput(a, 250ms) > 0.9 * goodput(b, 250ms)', 0.23, 0.2, ['0.23', '0.2']],
  ['rejected(a) > 1000', 1664, 1000, ['1,664', '1,000']],
  ['p99(a) < 1s', null, 1000, ['–', '1 s']],
  ['written in another grammar', 1, 2, ['1', '2']],
])('sides of %s are in the unit of its metric', (text, left, right, shown) => {
  expect(plainly(sides({ text, ok: true, left, right }))).toEqual(shown);
});

test.each([
  ['goodput250Ms', 'goodput in 250 ms'],
  ['goodput60000Ms', 'goodput in 60 s'],
  ['p99Ms', 'p99'],
  ['p999Ms', 'p99.9'],
  ['retries', 'retries'],
  ['attemptTimeouts', 'attempt timeouts'],
])('metricName of %s is %s', (metric, name) => {
  expect(plainly([metricName(metric)])).toEqual([name]);
});
