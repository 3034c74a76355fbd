import { expect, test } from 'vitest';
import { redriveChecks } from '#lab/judge/ledger/event-checks.ts';

const remainsWith = (receipts: number, ...pending: number[]) => ({
  receipts,
  pending: new Set(pending),
  dead: new Set<number>(),
  behind: [],
  delivered: [],
  unacknowledged: 0,
});
const three = { requests: new Set([1, 2, 3]), deadLetters: 3, doubtful: 0 };

test.each([
  ['all were taken', three, remainsWith(3), true],
  ['one waits in the stream', three, remainsWith(2, 1), true],
  ['one waits in the stream for its next delivery', three, remainsWith(3, 1), true],
  ['another event waits in the stream', three, remainsWith(2, 7), false],
  ['one is nowhere', three, remainsWith(2), false],
  ['one was taken without a redrive', three, remainsWith(4), false],
  ['a doubtful one was sent', { ...three, doubtful: 1 }, remainsWith(4), true],
  ['a doubtful one was not sent', { ...three, doubtful: 1 }, remainsWith(3), true],
])('redriveChecks: %s', (_, redriven, remains, expected) => {
  expect(redriveChecks({ redriven, remains, foreign: [] }).map(({ ok }) => ok)).toEqual([expected]);
});

test('redriveChecks compares nothing without a redrive, nor with a consumer that leaves no receipts', () => {
  expect(
    redriveChecks({
      redriven: { requests: new Set(), deadLetters: 0, doubtful: 0 },
      remains: remainsWith(0),
      foreign: [],
    }),
  ).toEqual([]);
  expect(redriveChecks({ redriven: three, remains: remainsWith(0), foreign: ['consumer'] })).toMatchObject([
    { ok: true, note: expect.stringContaining('not compared') },
  ]);
});
