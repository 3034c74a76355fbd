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
  expect(differing(chipsOf(guarded, naive))).toEqual([
    { part: 'retry', text: '+ budget 10 %', differs: true },
  ]);
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

const retrying = (options: object) =>
  ({ path: 'rpc', policies: [{ retry: { ...retry, ...options } }, timeout] }) as const;
const breaking = (options: object) => ({ path: 'rpc', policies: [{ breaker: options }] }) as const;
const textsOf = (variant: Parameters<typeof chipsOf>[0], base: typeof variant) =>
  chipsOf(variant, base).flatMap(({ text, differs }) => (differs ? [text] : []));
const finagle = { kind: 'finagle', ratio: 0.1 };
const aws = { kind: 'aws' };

test.each([
  ['a budget without a ratio', retrying({ budget: aws }), naive, ['+ budget aws']],
  ['a budget without a ratio in the base', naive, retrying({ budget: aws }), ['no budget aws']],
  ['a budget of another kind', retrying({ budget: aws }), retrying({ budget: finagle }), ['+ budget aws']],
  ['a budget of ratio 0', retrying({ budget: { ...finagle, ratio: 0 } }), naive, ['+ budget 0 %']],
  ['a backoff of another kind', retrying({ backoff: { kind: 'exponential' } }), naive, ['+ backoff 20 ms']],
  [
    'a window of another kind',
    breaking({ failures: 8, window: { kind: 'time' } }),
    breaking({ failures: 8, window: { kind: 'count' } }),
    ['+ window time'],
  ],
  [
    'an option of which only one has a value',
    breaking({ failures: 8 }),
    breaking({ failureRatio: 0.5 }),
    ['+ failures 8', 'no failureRatio 50 %'],
  ],
  [
    'a class',
    {
      ...naive,
      policies: [{ bulkhead: { concurrency: 6, class: 'a' } }, { bulkhead: { concurrency: 2, class: 'b' } }],
    },
    { ...naive, policies: [{ bulkhead: { concurrency: 6 } }] },
    ['+ class a', '+ bulkhead2 2', '+ class b'],
  ],
  [
    'a second policy of a name',
    { ...naive, policies: [...naive.policies, { timeout: { ms: 90 } }] },
    naive,
    ['+ timeout2 90 ms'],
  ],
] as const)('chipsOf shows %s', (_, variant, base, differences) => {
  expect(textsOf(variant, base)).toEqual(differences);
});
