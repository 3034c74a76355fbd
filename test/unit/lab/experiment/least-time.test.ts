import { expect, test } from 'vitest';
import { leastMsOfRound, leastMsOfVariant } from '#lab/experiment/least-time.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { experimentText } from '#test/fixtures/experiment.ts';

const load = '  - arrivals: { kind: constant, ratePerSecond: 10, forMs: 4000 }';

test('leastMsOfVariant adds load and deadline, leastMsOfRound both variants', () => {
  const experiment = parseExperiment(experimentText({ 4: load }), 'x.yaml');
  expect(leastMsOfVariant(experiment)).toBe(5000);
  expect(leastMsOfRound(experiment)).toBe(10_000);
});
