import { expect, test } from 'vitest';
import { ageMs } from '#kit/broker/dead-letter.ts';
import { chosen, type DeadLetterFilter } from '#lab/world/dead-letters.ts';
import { letterWith } from '#test/fixtures/letter.ts';

const now = new Date('2026-01-02T12:01:00Z');
const letters = [
  letterWith({ sequence: 3, id: 'r3' }),
  letterWith({ sequence: 4, id: 'r4', reason: 'timeout', diedAt: '2026-01-02T12:00:30.000Z' }),
  letterWith({ sequence: 7, id: 'r3', reason: 'expired', diedAt: '2026-01-02T12:00:59.000Z' }),
];

test.each<[string, DeadLetterFilter, number[]]>([
  ['nothing means all', {}, [3, 4, 7]],
  ['reasons', { reasons: ['timeout', 'expired'] }, [4, 7]],
  ['a reason that there is not', { reasons: ['rejected'] }, []],
  ['ids, with all dead letters of each', { ids: ['r3'] }, [3, 7]],
  ['the oldest', { limit: 2 }, [3, 4]],
  ['the limit counts what is left', { limit: 1, reasons: ['expired'] }, [7]],
  ['all of it', { ids: ['r3'], reasons: ['expired'] }, [7]],
])('chosen by %s', (_, filter, expected) => {
  expect(chosen(letters, filter).map(({ sequence }) => sequence)).toEqual(expected);
});

test('chosen names every id that is unknown', () => {
  expect(() => chosen(letters, { ids: ['r9', 'r3', 'r8'] })).toThrow(
    'no dead letters of r9, r8: list those that exist with dlq ls',
  );
  expect(() => chosen([], { ids: ['r9'] })).toThrow('no dead letters of r9');
});

test('ageMs is never below 0, even if the clocks differ', () => {
  expect(ageMs(letterWith(), now)).toBe(60_000);
  expect(ageMs(letterWith({ diedAt: '2026-01-02T12:02:00.000Z' }), now)).toBe(0);
});
