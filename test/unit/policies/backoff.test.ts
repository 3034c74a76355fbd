import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { parser } from '#kit/schema/parser.ts';
import { Backoff, backoffMs, backoffProblems } from '#policies/backoff.ts';

const parse = parser(Backoff);
const constant = (jitter: string) => parse({ kind: 'constant', delayMs: 100, jitter });
const exponential = (jitter: string) => parse({ kind: 'exponential', baseMs: 20, capMs: 400, jitter });

describe('backoffMs', () => {
  test.each([
    ['constant, none: the delay, for any draw', constant('none'), 3, 0.9, 100],
    ['constant, full: U(0, delay), lower end', constant('full'), 0, 0, 0],
    ['constant, full: U(0, delay), middle', constant('full'), 5, 0.5, 50],
    ['constant, equal: delay/2 + U(0, delay/2), lower end', constant('equal'), 0, 0, 50],
    ['constant, equal: delay/2 + U(0, delay/2), middle', constant('equal'), 0, 0.5, 75],
    ['exponential, none: the base before retry 0', exponential('none'), 0, 0.9, 20],
    ['exponential, none: doubles before retry 1', exponential('none'), 1, 0.9, 40],
    ['exponential, none: doubles again before retry 2', exponential('none'), 2, 0.9, 80],
    ['exponential, none: 320, the last below the cap', exponential('none'), 4, 0.9, 320],
    ['exponential, none: 640 is capped', exponential('none'), 5, 0.9, 400],
    ['exponential, none: capped where 2^retry is astronomical', exponential('none'), 2000, 0.9, 400],
    ['exponential, full: U(0, e), lower end', exponential('full'), 2, 0, 0],
    ['exponential, full: U(0, e), middle', exponential('full'), 2, 0.5, 40],
    ['exponential, full: U(0, cap) beyond the cap', exponential('full'), 9, 0.5, 200],
    ['exponential, equal: e/2 + U(0, e/2), lower end', exponential('equal'), 2, 0, 40],
    ['exponential, equal: e/2 + U(0, e/2), middle', exponential('equal'), 2, 0.5, 60],
  ] as const)('%s', (_sentence, options, retry, draw, expected) => {
    expect(backoffMs(options, retry, draw)).toBeCloseTo(expected, 9);
  });

  const draws = fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { maxLength: 30 });
  const ms = fc.integer({ min: 0, max: 3_600_000_000 }).map((us) => us / 1000);
  const lowest: Record<string, (e: number) => number> = {
    none: (e) => e,
    full: () => 0,
    equal: (e) => e / 2,
  };

  test.prop([fc.constantFrom(...Object.keys(lowest)), ms, ms, draws])(
    'stays between the lowest of its jitter and the cap, retry after retry',
    (jitter, a, b, draws) => {
      const [baseMs, capMs] = [Math.min(a, b), Math.max(a, b)];
      const options = parse({ kind: 'exponential', baseMs, capMs, jitter });
      for (const [retry, draw] of draws.entries()) {
        const delayMs = backoffMs(options, retry, draw);
        const e = Math.min(capMs, baseMs * 2 ** retry);
        expect(delayMs).toBeGreaterThanOrEqual(lowest[jitter]!(e));
        expect(delayMs).toBeLessThanOrEqual(e);
      }
    },
  );
});

test('backoffProblems: a cap equal to the base is fine, one below it is not', () => {
  const capped = (capMs: number) => backoffProblems(parse({ kind: 'exponential', baseMs: 20, capMs }));
  expect(capped(20)).toEqual([]);
  expect(capped(19)).toEqual([{ pointer: '/capMs', message: 'expected a number >= baseMs (20), got 19' }]);
});
