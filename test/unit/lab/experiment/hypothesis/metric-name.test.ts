import { expect, test } from 'vitest';
import { figureShown, metricName, predictedShown } from '#lab/experiment/hypothesis/metric-name.ts';

test.each([
  ['goodput250Ms', 'goodput in 250\u00a0ms'],
  ['goodput0.5Ms', 'goodput in 0.5\u00a0ms'],
  ['goodput2010Ms', 'goodput in 2.01\u00a0s'],
  ['p99Ms', 'p99'],
  ['p999Ms', 'p99.9'],
  ['attemptTimeouts', 'attempt timeouts'],
  ['timeToDrain(after outage)', 'time to drain after outage'],
  ['p999(0..1s, class slow)', 'p999 0..1s, class slow'],
])('metricName calls %s %s', (metric, name) => {
  expect(metricName(metric)).toBe(name);
});

test.each([
  ['goodput250Ms', 0.5, '50 %'],
  ['p99Ms', 1500, '1.5 s'],
  ['amplification', 1.81, '1.81'],
  ['timeToDrain(after outage)', 1500, '1.5 s'],
  ['goodput(during outage)', 0.5, '50 %'],
  ['rejected(during outage)', 1020, '1,020'],
  ['retries', null, '–'],
])('figureShown writes %s of %s as %s', (metric, value, text) => {
  expect(figureShown(metric, value)?.replaceAll('\u00a0', ' ')).toBe(text);
});

test('predictedShown writes a range with both ends', () => {
  expect(predictedShown({ metric: 'rejected', predicted: 950 })).toBe('950');
  expect(predictedShown({ metric: 'rejected', predicted: 950, predictedMax: 1650 })).toBe('950 to 1,650');
});
