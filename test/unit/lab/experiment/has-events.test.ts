import { expect, test } from 'vitest';
import { hasCalls, hasEvents } from '#lab/experiment/has-events.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';

test.each([
  [['rpc'], false, true],
  [['rpc', 'event'], true, true],
  [['event'], true, false],
])('hasEvents of variants on the paths %j is %s, hasCalls %s', (paths, events, calls) => {
  const variants = Object.fromEntries(paths.map((path) => [path, { path, policies: [] }]));
  const text = countedExperiment({ variants, load: constant(10, 100) });
  const experiment = parseExperiment(text, 'x.yaml');
  expect(hasEvents(experiment)).toBe(events);
  expect(hasCalls(experiment)).toBe(calls);
});
