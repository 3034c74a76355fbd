import { expect, test } from 'vitest';
import { requestId, requestIndex } from '#kit/wire.ts';

test.each([0, 1, 1999, 10_000_000])('requestIndex finds the index that requestId put in: %d', (index) => {
  expect(requestIndex(requestId(index))).toBe(index);
});

test.each(['', 'w3', 'event#3', 'r', 'r-1', 'r1.5', 'r1e3', 'r0x10', 'r01', 'r1e21', 'rx', 'r1x', '3'])(
  'requestIndex of "%s" is none',
  (id) => {
    expect(requestIndex(id)).toBe(-1);
  },
);
