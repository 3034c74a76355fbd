import { expect, test } from 'vitest';
import { changeTexts } from '#lab/experiment/changes.ts';

const retry = { maxRetries: 2, backoff: { kind: 'constant', delayMs: 5 } };
const budget = { kind: 'finagle', ratio: 0.1 };
const textsOf = (...policies: readonly (readonly object[])[]) =>
  changeTexts({
    policies: policies[0],
    changes: policies.slice(1).map((each, index) => ({ atMs: 100 * (index + 1), policies: each })),
  });

test('changeTexts names options with other values, and what is new or gone', () => {
  expect(
    textsOf(
      [{ retry }, { timeout: { ms: 90 } }],
      [{ retry: { ...retry, maxRetries: 1 } }, { timeout: { ms: 80 } }],
      [{ retry: { ...retry, maxRetries: 1, budget } }],
      [{ retry: { ...retry, maxRetries: 1 } }, { bulkhead: { concurrency: 4, queue: 0 } }],
    ),
  ).toEqual([
    { atMs: 100, text: 'retry.maxRetries 1, timeout.ms 80' },
    { atMs: 200, text: 'no timeout, + budget' },
    { atMs: 300, text: 'no budget, + bulkhead' },
  ]);
  expect(changeTexts({ policies: [], changes: [] })).toEqual([]);
});
