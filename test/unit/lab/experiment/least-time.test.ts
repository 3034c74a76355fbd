import { expect, test } from 'vitest';
import { leastMsOfRound } from '#lab/experiment/least-time.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { experimentText } from '#test/fixtures/experiment.ts';

const load = '  - arrivals: { kind: constant, ratePerSecond: 10, forMs: 4000 }';

test('leastMsOfRound adds load and deadline of both variants', () => {
  const experiment = parseExperiment(experimentText({ 4: load }), 'x.yaml');
  expect(leastMsOfRound(experiment)).toBe(10_000);
});
