import { expect, test } from 'vitest';
import { parseExperiment } from '#lab/experiment/read.ts';
import { scaledTo } from '#lab/experiment/scaled.ts';
import { expectRefusal, experimentText } from '#test/fixtures/experiment.ts';

const parsed = (arrivals: string, ...more: string[]) =>
  parseExperiment(experimentText({ 4: `  - { name: only, arrivals: ${arrivals} }` }, ...more), 'x.yaml');
const capacity = 'capacity: { nominalPerSecond: 400, timeoutMs: 250 }';

test('scaledTo multiplies the rates by what the capacity is of the one assumed in the file', () => {
  const experiment = parsed('{ kind: poisson, ratePerSecond: 100, forMs: 5000 }', capacity);
  expect(scaledTo(experiment, 300)).toEqual({
    ...experiment,
    load: [{ name: 'only', arrivals: { kind: 'poisson', ratePerSecond: 75, forMs: 5000 } }],
  });
});

test('scaledTo leaves an experiment alone that is not relative to a capacity', () => {
  const experiment = parsed('{ kind: poisson, ratePerSecond: 100, forMs: 5000 }');
  expect(scaledTo(experiment, 300)).toBe(experiment);
});

test('scaledTo refuses more requests than a load may have', () => {
  const experiment = parsed('{ kind: constant, ratePerSecond: 100, forMs: 5000000 }', capacity);
  expect(() => scaledTo(experiment, 1000)).toThrow(
    'with a capacity of 1000.0/s the load is invalid: expected at most 1000000 requests in all phases',
  );
});

test('a recording can not be relative to a capacity', () => {
  const marked = experimentText({ 4: '  - arrivals: ¦{ kind: replay, atMs: [1] }' }, capacity);
  expectRefusal(marked, [
    'load.0.arrivals: expected arrivals whose rate can be scaled to the capacity, got replay',
  ]);
});
