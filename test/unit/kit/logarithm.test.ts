import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { ln } from '#kit/logarithm.ts';

property.prop([fc.double({ min: 2 ** -1022, max: 1, noNaN: true })])(
  'ln is the logarithm but for its last bits',
  (x) => {
    expect(Math.abs(ln(x) - Math.log(x))).toBeLessThanOrEqual(2 ** -50 * Math.abs(Math.log(x)));
  },
);

test.each([
  [1, 0],
  [0.5, -Math.LN2],
  [1 - 2 ** -53, -1.1102230246251565e-16],
  [2 ** -53, -36.7368005696771],
  [0.3, -1.203972804325936],
  [0.9, -0.10536051565782627],
])('ln of %d has the same bits in all engines', (x, logarithm) => {
  expect(ln(x)).toBe(logarithm);
});
