import { describe, expect, test } from 'vitest';
import { judge } from '#lab/experiment/hypothesis.ts';
import { variantSpecs } from '#test/fixtures/nine-variants.ts';
import { variant } from '#test/fixtures/variant.ts';

const [events] = variantSpecs.filter(({ name }) => name === 'events-8').map((spec) => variant(spec, 0));
const a = { ...events!, name: 'a' };
const silent = { ...a, name: 'silent', latency: null };
const unoffered = { ...a, name: 'unoffered', offered: 0 };

describe('judge', () => {
  test.each([
    ['retries(a) > 109', false],
    ['retries(a) >= 109', true],
    ['retries(a) < 109', false],
    ['retries(a) <= 109', true],
    ['retries(a) == 109', true],
    ['retries(a) == 110', false],
  ])('compares at the bound: %s is %s', (text, ok) => {
    expect(judge(text, [a])).toEqual({ text, ok, left: 109, right: text.endsWith('110') ? 110 : 109 });
  });

  test('shows both sides in the unit of the metric, factors applied', () => {
    expect(judge('p99(a) < 3s', [a])).toMatchObject({ ok: true, left: 2688, right: 3000 });
    expect(judge('goodput(a) > 81%', [a])).toMatchObject({ ok: false, left: 0.81, right: 0.81 });
    expect(judge('0.5 * goodput(a) < goodput(a, 250ms)', [a])).toMatchObject({ left: 0.405, right: 0.09 });
  });

  test.each([
    ['p99(silent) < 1s', null, 1000, 'there are no data for p99(silent)'],
    ['goodput(a, 123ms) < 1', null, 1, 'there are no data for goodput(a, 123ms)'],
    ['1 > goodput(unoffered)', 1, null, 'nothing was offered to unoffered'],
    ['goodput(missing) < goodput(a)', null, 0.81, 'nothing was offered to missing'],
    [
      'p50(silent) < p99(unoffered)',
      null,
      null,
      'there are no data for p50(silent); nothing was offered to unoffered',
    ],
    ['ok(missing) == ok(missing)', null, null, 'nothing was offered to missing'],
  ])('fails over no data: %s', (text, left, right, reason) => {
    expect(judge(text, [a, silent, unoffered])).toEqual({ text, ok: false, left, right, reason });
  });
});
