import { describe, expect, test } from 'vitest';
import { judge as judgeBy } from '#lab/judge/hypotheses/hypothesis.ts';
import { measured, recovered } from '#test/fixtures/measured.ts';
import { figuresOfMade, type Made, outcomesOf } from '#test/fixtures/variant.ts';

const judge = (text: string, variants: readonly Made[]) => judgeBy(text, variants.flatMap(figuresOfMade));

const a = { ...measured, name: 'a' };
const silent = { ...a, name: 'silent', latency: null };
const unoffered = { ...a, name: 'unoffered', offered: 0 };

describe('judge', () => {
  test.each([
    ['retries(a) > 1315', false],
    ['retries(a) >= 1315', true],
    ['retries(a) < 1315', false],
    ['retries(a) <= 1315', true],
    ['retries(a) == 1315', true],
    ['retries(a) == 1316', false],
  ])('compares at the bound: %s is %s', (text, ok) => {
    expect(judge(text, [a])).toEqual({ text, ok, left: 1315, right: text.endsWith('1316') ? 1316 : 1315 });
  });

  test('shows both sides in the unit of the metric, factors applied', () => {
    expect(judge('p99(a) < 4s', [a])).toMatchObject({ ok: true, left: 3675, right: 4000 });
    expect(judge('goodput(a) > 59%', [a])).toMatchObject({ ok: false, left: 0.59, right: 0.59 });
    expect(judge('0.5 * goodput(a) < goodput(a, 250ms)', [a])).toMatchObject({ left: 0.295, right: 0.07 });
  });

  test.each([
    ['p99(silent) < 1s', null, 1000, 'no data for p99(silent)'],
    ['goodput(a, 123ms) < 1', null, 1, 'no data for goodput(a, 123ms)'],
    ['1 > goodput(unoffered)', 1, null, 'no request was offered to unoffered'],
    [
      'p50(silent) < p99(unoffered)',
      null,
      null,
      'no data for p50(silent); no request was offered to unoffered',
    ],
  ])('fails over no data: %s', (text, left, right, reason) => {
    expect(judge(text, [a, silent, unoffered])).toEqual({ text, ok: false, left, right, reason });
  });

  test('looks at the part of the load that is named, and says when there was none', () => {
    const span = { fromMs: 0, untilMs: 9 };
    const part = { ...a, unreported: 0, goodput: 0.9, latency: null, offered: 5, span };
    const windows = [
      { ...part, name: 'before crash' },
      { ...part, name: 'during crash', offered: 0 },
    ];
    const judged = (text: string) => judge(text, [{ ...a, windows }]);
    expect(judged('goodput(a, before crash) > goodput(a)')).toMatchObject({
      ok: true,
      left: 0.9,
      right: 0.59,
    });
    expect(judged('p99(a, before crash) < 1s').reason).toBe('no data for p99(a, before crash)');
    expect(judged('goodput(a, during crash) > 0').reason).toBe('no request was offered to a during crash');
    expect(judged('goodput(a, after crash) > 0')).toMatchObject({
      ok: false,
      reason: 'there was no after crash in a',
    });
  });

  test('calls a variant collapsed whose last part did, and a part by its own requests', () => {
    const outcomes = outcomesOf({ timeout: a.offered });
    const span = { fromMs: 0, untilMs: 9 };
    const windows = [
      { ...a, name: 'before crash', span },
      { ...a, name: 'after crash', span, goodput: 0, outcomes },
    ];
    const judged = (text: string) => judge(text, [{ ...a, windows }]).left;
    const texts = ['collapsed(a) == 1', 'collapsed(a, after crash) == 1', 'collapsed(a, before crash) == 0'];
    expect(texts.map(judged)).toEqual([1, 1, 0]);
  });

  test.each([
    ['goodput(missing) < goodput(a)', null, 0.59, 'missing was not finished'],
    ['p99(silent) < p99(missing)', null, null, 'no data for p99(silent); missing was not finished'],
    ['ok(missing) == ok(missing)', null, null, 'missing was not finished'],
  ])('judges nothing without a result of the variant: %s', (text, left, right, reason) => {
    expect(judge(text, [a, silent])).toEqual({ text, ok: null, left, right, reason });
  });
});

test.each([
  ['timeToRecover(back, after crash) < 5s', true, 3000, 5000],
  ['timeToRecover(stuck, after crash) > 20s', false, 20_000, 20_000],
  ['timeToRecover(stuck, after crash) > 19s', true, 20_000, 19_000],
  ['timeToRecover(stuck, after crash) >= 20s', true, 20_000, 20_000],
  ['19s < timeToRecover(stuck, after crash)', true, 19_000, 20_000],
  ['timeToRecover(back, after crash) < timeToRecover(stuck, after crash)', true, 3000, 20_000],
  ['timeToRecover(stuck, after crash) > 21s', false, 20_000, 21_000],
  ['timeToRecover(stuck, after crash) < 30s', false, 20_000, 30_000],
  ['timeToRecover(stuck, after crash) == 20s', false, 20_000, 20_000],
  ['timeToRecover(stuck, after crash) == timeToRecover(stuck, after crash)', false, 20_000, 20_000],
  ['metastable(stuck, after crash) == 1', true, 1, 1],
  ['lostGoodput(stuck, after crash) > 100', true, 500, 100],
  ['lostGoodput(stuck, after crash) < 900', false, 500, 900],
  ['lostGoodput(back, after crash) < 900', true, 0, 900],
])('judge takes what was not watched to its end for a lower bound: %s is %s', (text, ok, left, right) => {
  const after = { ...a, name: 'after crash', span: { fromMs: 0, untilMs: 20_000 } };
  const recovery = { ...recovered, lostGoodput: 0 };
  const stuck = { ...recovery, timeMs: null, atLeastMs: 20_000, lostGoodput: 500, metastable: true };
  const variants = [
    { ...a, name: 'back', windows: [{ ...after, recovery }] },
    { ...a, name: 'stuck', windows: [{ ...after, recovery: stuck }] },
  ];
  const result = judge(text, variants);
  expect(result).toMatchObject({ ok, left, right });
  const [unended] = /(timeToRecover|lostGoodput)\(stuck, after crash\)/.exec(text) ?? [];
  expect(result.reason).toBe(unended && `only a lower bound of ${unended} is known`);
});
