import { expect, test } from 'vitest';
import { parseExperiment } from '#lab/experiment/read.ts';
import { hasPath } from '#lab/kit/topology/paths.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';

test.each([
  [['rpc'], true, false],
  [['rpc', 'event'], true, true],
  [['event'], false, true],
])('hasPath of variants on the paths %j says of rpc %s, of event %s', (paths, calls, events) => {
  const variants = Object.fromEntries(paths.map((path) => [path, { path, policies: [] }]));
  const text = countedExperiment({ variants, load: constant(10, 100) });
  const experiment = parseExperiment(text, 'x.yaml');
  expect(hasPath(experiment, 'rpc')).toBe(calls);
  expect(hasPath(experiment, 'event')).toBe(events);
});
