import { expect, test } from 'vitest';
import { saturated, shareOf } from '#lab/judge/result/facts.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';
import { outcomesOf } from '#test/fixtures/variant.ts';

test('shareOf is a part of what was offered, 0 when nothing was', () => {
  const name = 'rpc-guarded';
  const some = alter(makeResult(), name, {
    offered: 10,
    outcomes: outcomesOf({ ok: 4, late: 1, rejected: 1 }),
  });
  expect([shareOf(some, name, 'rejected'), shareOf(some, name, 'completed')]).toEqual([0.1, 0.5]);
  expect(shareOf(alter(some, name, { offered: 0, outcomes: outcomesOf({}) }), name, 'ok')).toBe(0);
});

test('saturated names the processes that were', () => {
  const names = makeResult().variants.map((variant) => saturated(variant).map(({ name }) => name));
  expect(names.flat()).toEqual(['gateway']);
});
