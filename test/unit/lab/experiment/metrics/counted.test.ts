import { expect, test } from 'vitest';
import { collapsedPart, type Ends } from '#lab/experiment/metrics/counted.ts';
import { outcomesOf } from '#test/fixtures/variant.ts';

const figures = (ok: number, rest: Partial<Ends['outcomes']>) => {
  const outcomes = outcomesOf({ ok, ...rest });
  const offered = Object.values(outcomes).reduce((sum, n) => sum + n, 0);
  return { offered, outcomes, goodput: ok / offered };
};
const part = (window: string, fromMs: number, of: Ends) => ({
  ...{ ...of, window },
  span: { fromMs, untilMs: fromMs + 1000 },
});
const [well, dead] = [figures(90, { timeout: 10 }), figures(5, { timeout: 95 })];

test.each<[string, Ends, boolean]>([
  ['19 % in time and all else failed', figures(19, { failed: 40, timeout: 41 }), true],
  ['20 % in time', figures(20, { timeout: 80 }), false],
  ['half of it failed', figures(10, { dead: 50, rejected: 40 }), true],
  ['half of it without an end', figures(0, { pending: 30, unknown: 20, late: 50 }), true],
  ['all of it failed, though its retries were refused', figures(0, { failed: 100 }), true],
  ['most of it refused', figures(10, { failed: 49, rejected: 41 }), false],
  ['all of it late', figures(0, { late: 100 }), false],
])('collapsedPart of a variant with %s', (_, of, expected) => {
  expect(collapsedPart(of, []) !== undefined).toBe(expected);
});

test('collapsedPart is the last one where a variant has not recovered by then', () => {
  const half = figures(50, { timeout: 50 });
  const spike = (last: Ends) =>
    collapsedPart(half, [part('phase spike', 1000, dead), part('phase rest', 2000, last)]);
  expect(spike(dead)).toMatchObject({ window: 'phase rest' });
  expect(spike(well)).toBeUndefined();
});

test('collapsedPart looks after a fault, and not at spans that hypotheses name, or at few requests', () => {
  const all = figures(500, { timeout: 500 });
  const at = (name: string, of: Ends) => collapsedPart(all, [part(name, 2000, of)]);
  expect(at('after crash', figures(1, { failed: 99 }))).toMatchObject({ window: 'after crash' });
  expect(at('after crash', figures(0, { failed: 99 }))).toBeUndefined();
  expect(at('2s..3s', figures(1, { failed: 99 }))).toBeUndefined();
});
