import { expect, test } from 'vitest';
import type { DeliveryReport } from '#kit/wire.ts';
import { attemptsIn, counted, noAttempts } from '#load/sending/attempt-count.ts';

type Report = Omit<DeliveryReport, 'id'>;
const again = (delivery: number, attempts: number, redrives = 0): Report => ({
  outcome: 'redelivered',
  delivery,
  attempts,
  redrives,
});
const ended = (outcome: 'ok' | 'dead', delivery: number, attempts: number, redrives = 0): Report => ({
  outcome,
  delivery,
  attempts,
  redrives,
});

test.each<[string, number | undefined, readonly Report[]]>([
  ['one delivery', 2, [ended('ok', 1, 2)]],
  ['one without an attempt', 0, [ended('dead', 1, 0)]],
  ['several, one of them untried', 3, [again(1, 2), again(2, 0), ended('ok', 3, 1)]],
  ['two, the second of which killed the consumer', undefined, [again(1, 1), ended('ok', 3, 1)]],
  ['two, the first of which killed the consumer', undefined, [ended('ok', 2, 1)]],
  ['one that counts from 1, since the stream forgot the first', undefined, [again(1, 1), ended('ok', 1, 1)]],
  ['two lives', 5, [again(1, 1), ended('dead', 2, 2), ended('ok', 1, 2, 1)]],
  ['two lives, of which the end of the first was lost', undefined, [again(1, 1), ended('ok', 1, 2, 1)]],
  ['a second life alone', undefined, [ended('ok', 1, 2, 1)]],
  ['a first life alone, since the event is not finished', undefined, [ended('dead', 1, 1), again(1, 2, 1)]],
  ['deliveries that were all given back', undefined, [again(1, 1), again(2, 1)]],
  ['nothing', undefined, []],
  ['an event by a consumer that reports no deliveries', 4, [{ outcome: 'ok', attempts: 4 }]],
  ['an event by one that does not count', undefined, [{ outcome: 'ok' }]],
  ['a delivery without attempts', undefined, [{ outcome: 'ok', delivery: 1 }]],
])('counted, of reports of %s, has %s attempts', (_what, attempts, reports) => {
  expect(attemptsIn(reports.reduce(counted, noAttempts))).toBe(attempts);
});

test('counted keeps what was reported as the least, where a delivery is missing', () => {
  expect([again(1, 2), ended('dead', 3, 4)].reduce(counted, noAttempts)).toMatchObject({
    attempts: 6,
    isKnown: false,
  });
});
