import { expect, test } from 'vitest';
import { parseExperiment } from '#lab/experiment/read.ts';
import { unplayable } from '#lab/play/experiment.ts';

test('unplayable refuses clients, which are code', () => {
  const experiment = parseExperiment(
    `title: Clients
deadlineMs: 1000
load: [{ arrivals: { kind: constant, ratePerSecond: 10, forMs: 1000 } }]
downstream: { model: { kind: fixed, latencyMs: 5 } }
variants: { none: { path: rpc }, mine: { path: rpc, client: ./own-breaker.ts } }
`,
    'test/fixtures/virtual/x.yaml',
  );
  expect(unplayable(experiment)).toEqual([
    { pointer: '/variants/mine/client', message: 'expected none on a page, which runs no code of yours' },
  ]);
});
