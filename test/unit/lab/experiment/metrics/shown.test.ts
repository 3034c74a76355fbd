import { expect, test } from 'vitest';
import { figureShown, metricName } from '#lab/experiment/metrics/shown.ts';

test('metricName separates the words of a metric', () => {
  expect(metricName('attemptTimeouts')).toBe('attempt timeouts');
  expect(metricName('p999')).toBe('p999');
});

test.each([
  ['goodput', 0.5, '50 %'],
  ['p99', 1500, '1.5 s'],
  ['amplification', 1.81, '1.81'],
  ['retries', null, '–'],
])('figureShown writes %s of %s as %s', (metric, value, text) => {
  expect(figureShown(metric, value)?.replaceAll('\u00a0', ' ')).toBe(text);
});
