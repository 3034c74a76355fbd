import { describe, expect, test } from 'vitest';
import { parser } from '#kit/schema/parser.ts';
import { checkLoad, Load, planned, schedule } from '#load/phases.ts';

const parse = parser(Load);
const constant = (ratePerSecond: number, forMs: number) => ({
  arrivals: { kind: 'constant', ratePerSecond, forMs },
});
const poisson = { arrivals: { kind: 'poisson', ratePerSecond: 1000, forMs: 100 } };

describe('schedule', () => {
  test('runs phases one after another and numbers requests through all of them', () => {
    const load = parse([constant(20, 100), constant(0, 50), { name: 'more', ...constant(40, 50) }]);
    expect([...schedule(load, 1)]).toEqual([
      { index: 0, scheduledAtMs: 0 },
      { index: 1, scheduledAtMs: 50 },
      { index: 2, scheduledAtMs: 150 },
      { index: 3, scheduledAtMs: 175 },
    ]);
  });

  test('is the same for the same seed, another for another', () => {
    const load = parse([poisson]);
    expect([...schedule(load, 7)]).toEqual([...schedule(load, 7)]);
    expect([...schedule(load, 7)]).not.toEqual([...schedule(load, 8)]);
  });

  test('draws each phase separately, so that a change in one leaves the others as they are', () => {
    const of = (load: object[]) => [...schedule(parse(load), 7)].map((due) => due.scheduledAtMs);
    const second = (all: number[]) => all.filter((ms) => ms >= 100).map((ms) => (ms - 100).toFixed(6));
    expect(second(of([poisson, poisson]))).toEqual(second(of([constant(10, 100), poisson])));
    expect(second(of([poisson, poisson]))).not.toEqual(of([poisson]).map((ms) => ms.toFixed(6)));
  });
});

test('planned counts every request, also where chance decides', () => {
  const load = parse([constant(20, 100), poisson]);
  expect(planned(load, 3)).toBe([...schedule(load, 3)].length);
});

describe('checkLoad', () => {
  test('points at what contradicts itself, in every phase', () => {
    const bursts = { arrivals: { kind: 'bursts', total: 8, size: 4, everyMs: 80, spreadMs: 81 } };
    expect(checkLoad(parse([bursts, constant(1, 1), bursts]), 1).map(({ pointer }) => pointer)).toEqual([
      '/0/arrivals/spreadMs',
      '/2/arrivals/spreadMs',
    ]);
  });

  test('1,000,000 requests are the limit for all phases together', () => {
    const half = { arrivals: { kind: 'bursts', total: 500_000, size: 500_000, everyMs: 1, spreadMs: 0 } };
    expect(checkLoad(parse([half, half]), 1)).toEqual([]);
    expect(checkLoad(parse([half, half, constant(1, 1)]), 1)).toEqual([
      { pointer: '', message: 'expected at most 1000000 requests in all phases' },
    ]);
  });

  test('leaves out phases that are not known', () => {
    const [wrong] = parse([{ arrivals: { kind: 'bursts', total: 2, size: 1, everyMs: 5, spreadMs: 6 } }]);
    expect(checkLoad([undefined, wrong, undefined], 1)).toMatchObject([{ pointer: '/1/arrivals/spreadMs' }]);
    expect(checkLoad([undefined], 1)).toEqual([]);
  });
});

test.each([
  ['no phase', []],
  ['101 phases', Array.from({ length: 101 }, () => constant(1, 1))],
  ['an unknown field', [{ ...constant(1, 1), rate: 1 }]],
  ['a name for a novel', [{ ...constant(1, 1), name: 'x'.repeat(65) }]],
])('Load refuses %s', (_what, load) => {
  expect(() => parse(load)).toThrow();
});
