import { expect, test } from 'vitest';
import { overRounds } from '#lab/judge/over-rounds.ts';
import { collapseOver, meanOver, valuesOf, variantNames } from '#lab/judge/statistics/estimates.ts';
import { makeRound } from '#test/fixtures/rounds.ts';

const goodputs = [0.9, 0.1, 0.8];
const results = goodputs.map((plain, i) => makeRound(7 + i, { plain, guarded: 0.95 }));
const cut = { ...results[2]!, variants: results[2]!.variants.slice(0, 1) };
const rounds = overRounds(results.with(2, cut), { command: '', durationMs: 0 }).rounds!;

test('variantNames are those of all rounds', () =>
  expect(variantNames(rounds)).toEqual(['plain', 'guarded']));

test('valuesOf a variant are those of the rounds that finished it', () => {
  expect([...valuesOf(rounds, 'plain', 'goodput')]).toEqual([
    [7, 0.9],
    [8, 0.1],
    [9, 0.8],
  ]);
  expect([...valuesOf(rounds, 'guarded', 'goodput').keys()]).toEqual([7, 8]);
});

test('meanOver rounds has the interval of its mean, and is null over no data', () => {
  expect(meanOver(rounds, 'plain', 'goodput')).toEqual({
    value: expect.closeTo(0.6),
    low: 0, // Student's t interval would reach below 0 and above 1
    high: 1,
  });
  const without = rounds.map((round) => ({
    ...round,
    variants: round.variants.map((variant) => ({ ...variant, values: { ...variant.values, p99: null } })),
  }));
  expect(meanOver(without, 'plain', 'p99')).toBeNull();
});

test('collapseOver rounds counts them, and leaves the probability open', () => {
  expect(collapseOver(rounds, 'plain')).toMatchObject({ count: 1, of: 3, low: expect.closeTo(0.0615, 3) });
  expect(collapseOver(rounds, 'guarded')).toMatchObject({
    count: 0,
    of: 2,
    low: 0,
    high: expect.closeTo(0.6576, 3),
  });
});
