import { expect, test } from 'vitest';
import { requestId, requestIndex } from '#kit/wire.ts';

test.each([0, 1, 1999, 10_000_000])('requestIndex finds the index that requestId put in: %d', (index) => {
  expect(requestIndex(requestId(index))).toBe(index);
});

test.each(['', 'w3', 'seq-3', 'r-1', 'r1.5', 'rx', 'r1x', '3'])('requestIndex of "%s" is none', (id) => {
  expect(requestIndex(id)).toBe(-1);
});
