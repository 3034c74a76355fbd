import { describe, expect, test } from 'vitest';
import { ofAttempt, readTraceparent, traceparents } from '#kit/http/traceparent.ts';

const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const traceId = (traceparent: string) => traceparent.slice(3, 35);
const parentId = (traceparent: string) => traceparent.slice(36, 52);

describe('readTraceparent', () => {
  test('takes a valid one as it is', () => {
    expect(readTraceparent(valid)).toBe(valid);
  });

  test.each([
    ['is not there', undefined],
    ['is empty', ''],
    ['came twice', [valid, valid]],
    ['came twice on one line', `${valid}, ${valid}`],
    ['has another version', valid.replace('00-', '01-')],
    ['has the version that is none', valid.replace('00-', 'ff-')],
    ['has capital letters', valid.toUpperCase()],
    ['has a trace id of zeros', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
    ['has a parent id of zeros', `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`],
    ['has a trace id that is too short', valid.replace('0af', '0a')],
    ['has a parent id that is too long', valid.replace('b7', 'b77')],
    ['has no flags', valid.slice(0, -3)],
    ['goes on', `${valid}-more`],
    ['ends with a new line', `${valid}\n`],
  ])('drops one that %s', (_sentence, value) => {
    expect(readTraceparent(value)).toBeUndefined();
  });
});

describe('traceparents', () => {
  test.each([0, 1, 7, -1, 2 ** 31])('are valid and differ from request to request, with seed %d', (seed) => {
    const traceparent = traceparents(seed, 'run');
    const all = Array.from({ length: 1000 }, (_, index) => traceparent(index));
    all.push(traceparent(10_000_000));
    expect(all.map(readTraceparent)).toEqual(all);
    expect(new Set(all.map(traceId)).size).toBe(1001);
    expect(new Set(all.map(parentId)).size).toBe(1001);
  });

  test('are the same for the same seed and purpose, and others for others', () => {
    const first = traceparents(1, 'run')(3);
    expect(traceparents(1, 'run')(3)).toBe(first);
    expect(traceId(traceparents(2, 'run')(3))).not.toBe(traceId(first));
    expect(traceId(traceparents(1, 'warm')(3))).not.toBe(traceId(first));
  });
});

test('ofAttempt keeps trace and flags, and gives each attempt a parent id of its own, the same each time', () => {
  const attempts = Array.from({ length: 100 }, (_, attempt) => ofAttempt(valid, attempt + 1));
  expect(attempts.map(readTraceparent)).toEqual(attempts);
  for (const one of attempts) expect([traceId(one), one.slice(52)]).toEqual([traceId(valid), '-01']);
  expect(new Set([valid, ...attempts].map(parentId)).size).toBe(101);
  expect(ofAttempt(valid, 1)).toBe(attempts[0]);
});
