import { expect, test } from 'vitest';
import { hasEvents } from '#lab/experiment/has-events.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';

test.each([
  [['rpc'], false],
  [['rpc', 'event'], true],
  [['event'], true],
])('hasEvents of variants on the paths %j is %s', (paths, expected) => {
  const variants = Object.fromEntries(paths.map((path) => [path, { path, policies: [] }]));
  const text = countedExperiment({ variants, load: constant(10, 100) });
  expect(hasEvents(parseExperiment(text, 'x.yaml'))).toBe(expected);
});
