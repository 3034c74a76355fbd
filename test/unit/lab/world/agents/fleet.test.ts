import { expect, test } from 'vitest';
import { parseExperiment } from '#lab/experiment/read.ts';
import { tooFewFor } from '#lab/world/agents/fleet.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';

test('tooFewFor finds connections and callers that can not be divided among the agents', () => {
  const few = { path: 'rpc', policies: [], callers: 2 };
  const warmup = { requests: 2, concurrency: 2 };
  const text = countedExperiment({ connections: 2, warmup, load: constant(10, 100), variants: { few } });
  const experiment = parseExperiment(text, 'x.yaml');
  expect(tooFewFor(2, experiment)).toEqual([]);
  const message = 'expected at least 3, one for each load agent, got 2';
  expect(tooFewFor(3, experiment)).toMatchObject([
    { pointer: '/connections', message },
    { pointer: '/variants/few/callers', message },
  ]);
});
