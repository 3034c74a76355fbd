import { expect, test } from 'vitest';
import { chipsOf } from '#lab/play/page/controls/chips.ts';

const timeout = { timeout: { ms: 250 } };
const retry = { maxRetries: 2, backoff: { kind: 'constant', delayMs: 5 } };
const naive = { path: 'rpc', policies: [{ retry }, timeout] } as const;

test('chipsOf marks what the base does not have, and what it has alone', () => {
  const budget = { kind: 'finagle', ratio: 0.1 };
  const guarded = { path: 'rpc', policies: [{ retry: { ...retry, budget } }, timeout] } as const;
  const differing = (chips: ReturnType<typeof chipsOf>) => chips.filter(({ differs }) => differs);
  expect(chipsOf(naive).map(({ text }) => text)).toEqual(['retry 2', 'wait 5 ms', 'timeout 250 ms']);
  expect(differing(chipsOf(guarded, naive))).toEqual([{ part: 'retry', text: 'budget 10 %', differs: true }]);
  expect(differing(chipsOf(naive, guarded)).map(({ text }) => text)).toEqual(['no budget 10 %']);
});

test('chipsOf of a variant with events has its handlers', () => {
  const events = {
    path: 'event',
    policies: [],
    consumer: { concurrency: 36 },
    stream: { maxPending: 60 },
  } as const;
  expect(chipsOf(events).map(({ text }) => text)).toEqual(['consumer 36', 'redeliver 3', 'stream 60']);
});
