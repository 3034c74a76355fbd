import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { schedule } from '#load/phases.ts';
import { agentsMax, partOf, type Share, shareOf } from '#load/share.ts';

const agents = fc.integer({ min: 1, max: agentsMax });
const sharesOf = (of: number): Share[] => Array.from({ length: of }, (_, index) => ({ index, of }));

test.prop([agents, fc.integer({ min: 0, max: 2 ** 31 - 1 }), fc.integer({ min: 1, max: 300 })], {
  numRuns: 30,
})(
  'shareOf divides a plan among any number of agents, so that each request has exactly one',
  (of, seed, forMs) => {
    const plan = () => schedule([{ arrivals: { kind: 'poisson', ratePerSecond: 1000, forMs } }], seed);
    const shares = sharesOf(of).map((share) => [...shareOf(plan(), share)]);
    expect(shares.flat().sort((a, b) => a.index - b.index)).toEqual([...plan()]);
    for (const [index, share] of shares.entries())
      expect(share.every((request) => request.index % of === index)).toBe(true);
  },
);

test.prop([agents, fc.nat(10_000)])('partOf divides a total into nearly equal parts', (of, total) => {
  const parts = sharesOf(of).map((share) => partOf(total, share));
  expect(parts.reduce((sum, part) => sum + part)).toBe(total);
  expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
});

test.prop([agents, fc.nat(1000)], { numRuns: 30 })(
  'partOf is the number of requests in a share',
  (of, total) => {
    const plan = Array.from({ length: total }, (_, index) => ({ index }));
    for (const share of sharesOf(of)) expect([...shareOf(plan, share)]).toHaveLength(partOf(total, share));
  },
);
