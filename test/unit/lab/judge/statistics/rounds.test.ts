import { expect, test } from 'vitest';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { figureAt } from '#lab/experiment/metrics/table.ts';
import { overRounds } from '#lab/judge/over-rounds.ts';
import {
  countOf,
  figuresOver,
  medianOf,
  probabilityOf,
  valuesOf,
  variantNames,
} from '#lab/judge/statistics/rounds.ts';
import { withFigures } from '#test/fixtures/result.ts';
import { makeRound } from '#test/fixtures/rounds.ts';

const goodputs = [0.9, 0.1, 0.8];
const results = goodputs.map((plain, i) => makeRound(7 + i, { plain, guarded: 0.95 }));
const cut = withFigures({ ...results[2]!, variants: results[2]!.variants.slice(0, 1) });
const rounds = overRounds(results.with(2, cut), { command: '', durationMs: 0 });

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

test('figuresOver rounds have the interval of their mean, and none over no data', () => {
  expect(figureAt(rounds.figures, { variant: 'plain', metric: 'goodput' })).toMatchObject({
    value: expect.closeTo(0.6),
    low: 0, // Student's t interval would reach below 0 and above 1
    high: 1,
    n: 3,
  });
  const without = results[0]!.figures.filter(({ metric }) => metric !== 'p99');
  const over = figuresOver([without, results[1]!.figures]);
  expect(figureAt(over, { variant: 'plain', metric: 'p99' })).toBeUndefined();
});

test('figuresOver rounds count verdicts, and leave the probability open', () => {
  const collapsed = (variant: string) => figureAt(rounds.figures, { variant, metric: 'collapsed' })!;
  expect(countOf(collapsed('plain'))).toBe(1);
  expect(collapsed('plain')).toMatchObject({ n: 3, low: expect.closeTo(0.0615, 3) });
  expect(collapsed('guarded')).toMatchObject({ value: 0, n: 2, low: 0, high: expect.closeTo(0.6576, 3) });
});

/** Returns the figures of a recovery in a round. `5+` means at least 5 ms, since it had not recovered. */
function recovery(window: string, time: number | string): Figure[] {
  const isOver = typeof time === 'number';
  const place = { variant: 'a', window, source: 'measured' as const };
  const atLeast = Number.parseInt(String(time), 10);
  return [
    { ...place, metric: 'offered', value: 100 },
    { ...place, metric: 'recovered', value: Number(isOver) },
    { ...place, metric: 'timeToRecover', ...(isOver ? { value: time } : { value: null, atLeast }) },
    { ...place, metric: 'lostGoodput', ...(isOver ? { value: 10 } : { value: null, atLeast: 10 }) },
    { ...place, metric: 'metastable', value: Number(!isOver) },
  ];
}

const after = (
  figures: readonly Figure[],
  name: Parameters<typeof figureAt>[1]['metric'],
  window = 'after x',
) => figureAt(figures, { variant: 'a', window, metric: name });

test('figuresOver rounds of recoveries have shares, medians and means', () => {
  const over = figuresOver([1, '9+', 2].map((time) => recovery('after x', time)));
  expect(countOf(after(over, 'recovered')!)).toBe(2);
  expect(countOf(after(over, 'metastable')!)).toBe(1);
  expect(after(over, 'timeToRecover')).toMatchObject({ value: 2, n: 3 });
});

test('figuresOver rounds know only the least of what a round knows only the least of', () => {
  const lost = (...times: (number | string)[]) =>
    after(figuresOver(times.map((time) => recovery('after x', time))), 'lostGoodput');
  expect(lost(1, 2, 3)).toMatchObject({ value: 10 });
  expect(lost(1, '9+', 3)).toMatchObject({ value: null, atLeast: 10, high: null });
});

test('figuresOver leaves out rounds in which a fault never became active', () => {
  const over = figuresOver([[...recovery('after x', 1), ...recovery('after y', 2)], recovery('after x', 3)]);
  expect(['after x', 'after y'].map((window) => after(over, 'recovered', window)?.n)).toEqual([2, 1]);
});

test.each<[string, (boolean | null)[], unknown]>([
  ['none of nothing', [], undefined],
  ['none of what is unknown', [null], undefined],
  ['none if those of which it is unknown decide', [true, null, null], undefined],
  [
    'that of the others, with a wider interval',
    [true, true, null],
    expect.objectContaining({ value: 1, n: 2 }),
  ],
  ['that of the others, if it is low', [false, false, null], expect.objectContaining({ value: 0, low: 0 })],
])('probabilityOf is %s', (_, verdicts, expected) => {
  expect(probabilityOf(verdicts, verdicts.length)).toEqual(expected);
});

/** Returns the median of recovery times in ms. `9+` means at least 9 ms, since the variant had not recovered. */
const median = (...times: (number | string)[]) =>
  medianOf(
    times.map((time) =>
      typeof time === 'number' ? { value: time } : { value: null, atLeast: Number.parseInt(time, 10) },
    ),
  );

test.each<[string, (number | string)[], number | null, number | undefined]>([
  ['an odd number', [5, 1, 3], 3, undefined],
  ['an even number: the upper one', [4, 1, 3, 2], 3, undefined],
  ['some that did not end', ['9+', 1, 3], 3, undefined],
  ['half that did not end', [1, '8+', 3, '9+'], null, 8],
  ['one that may have ended sooner than others', ['2+', 1, 3], null, 2],
])('medianOf takes that of %s', (_what, times, value, atLeast) => {
  const found = median(...times);
  expect([found.value, found.atLeast]).toEqual([value, atLeast]);
});

const upTo = (count: number) => Array.from({ length: count }, (_, i) => count - i);

// Ranks from statistical tables. The comments have the confidence of the interval.
test.each<[of: number, low: number | undefined, high: number | undefined]>([
  [5, undefined, undefined], // ranks 1 and 5 have only 93.8 %
  [6, 1, 6], // 96.9 %
  [8, 1, 8], // 99.2 %; ranks 2 and 7 have only 93.0 %
  [9, 2, 8], // 96.1 %
  [10, 2, 9], // 97.9 %
  [20, 6, 15], // 95.9 %
  [100, 40, 61],
])('medianOf %d times lies between the ranks %d and %d', (of, low, high) => {
  const found = median(...upTo(of));
  expect([found.low, found.high]).toEqual([low, high]);
});

test('medianOf has an interval without an end where that hangs on what was not watched to its end', () => {
  expect(median(1, 2, 3, 4, 5, '6+')).toMatchObject({ value: 4, low: 1, high: null });
  expect(median('0+', 2, 3, 4, 5, 6)).toMatchObject({ low: 0, high: null });
  expect(median(1, 2, 3, 4, 5, 6, 7, 8, '9+')).toMatchObject({ value: 5, low: 2, high: 8 });
});
