import { expect, test } from 'vitest';
import { brokenShare, collapsedPart, completedShare, saturated, shareOf } from '#lab/result/facts.ts';
import type { VariantResult, Window } from '#lab/result/result.ts';
import { measured } from '#test/fixtures/measured.ts';
import { makeResult } from '#test/fixtures/result.ts';
import { outcomesOf } from '#test/fixtures/variant.ts';

const [first] = makeResult({ variants: 1, points: 3 }).variants as [VariantResult];
test('shares are parts of what was offered, 0 when nothing was', () => {
  const variant = {
    ...first,
    offered: 10,
    outcomes: outcomesOf({ ok: 4, late: 1, failed: 2, timeout: 1, dead: 1, rejected: 1 }),
  };
  expect([shareOf(variant, 'rejected'), completedShare(variant), brokenShare(variant)]).toEqual([
    0.1, 0.5, 0.4,
  ]);
  expect(shareOf({ ...variant, offered: 0 }, 'ok')).toBe(0);
  expect(brokenShare({ ...variant, offered: 0 })).toBe(0);
});

test('saturated names the processes that were', () => {
  const names = makeResult().variants.map((variant) => saturated(variant).map(({ name }) => name));
  expect(names.flat()).toEqual(['gateway']);
});

const figures = (ok: number, rest: Partial<VariantResult['outcomes']>) => {
  const outcomes = outcomesOf({ ok, ...rest });
  const offered = Object.values(outcomes).reduce((sum, n) => sum + n, 0);
  return { offered, outcomes, goodput: ok / offered };
};
const part = (name: string, fromMs: number, of: ReturnType<typeof figures>): Window => ({
  ...measured,
  ...of,
  name,
  span: { fromMs, untilMs: fromMs + 1000 },
});
const variant = (of: ReturnType<typeof figures>, windows: readonly Window[] = []): VariantResult => ({
  ...measured,
  ...of,
  windows,
});
const [well, dead] = [figures(90, { timeout: 10 }), figures(5, { timeout: 95 })];

test.each<[string, ReturnType<typeof figures>, boolean]>([
  ['19 % in time and all else failed', figures(19, { failed: 40, timeout: 41 }), true],
  ['20 % in time', figures(20, { timeout: 80 }), false],
  ['half of it failed', figures(10, { dead: 50, rejected: 40 }), true],
  ['half of it without an end', figures(0, { pending: 30, unknown: 20, late: 50 }), true],
  ['all of it failed, though its retries were refused', figures(0, { failed: 100 }), true],
  ['most of it refused', figures(10, { failed: 49, rejected: 41 }), false],
  ['all of it late', figures(0, { late: 100 }), false],
])('collapsedPart of a variant with %s', (_, of, expected) => {
  expect(collapsedPart(variant(of)) !== undefined).toBe(expected);
});

test('collapsedPart is the last one where a variant has not recovered by then', () => {
  const half = figures(50, { timeout: 50 });
  const spike = (last: ReturnType<typeof figures>) =>
    collapsedPart(variant(half, [part('phase spike', 1000, dead), part('phase rest', 2000, last)]));
  expect(spike(dead)?.window).toBe('phase rest');
  expect(spike(well)).toBeUndefined();
});

test('collapsedPart looks after a fault, and not at spans that hypotheses name, or at few requests', () => {
  const all = figures(500, { timeout: 500 });
  const at = (name: string, of: ReturnType<typeof figures>) =>
    collapsedPart(variant(all, [part(name, 2000, of)]));
  expect(at('after crash', figures(1, { failed: 99 }))?.window).toBe('after crash');
  expect(at('after crash', figures(0, { failed: 99 }))).toBeUndefined();
  expect(at('2s..3s', figures(1, { failed: 99 }))).toBeUndefined();
});
