import { expect, test } from 'vitest';
import { type MetricName, metricNames } from '#lab/experiment/metrics/catalogue.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { figureAt } from '#lab/experiment/metrics/table.ts';
import { overRounds } from '#lab/judge/over-rounds.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { type Change, changesBetween, missingIn } from '#lab/judge/statistics/change.ts';
import { figuresOver } from '#lab/judge/statistics/rounds.ts';
import { makeRound } from '#test/fixtures/rounds.ts';

const known = new Map<string, Result>();

/** Returns the result of rounds with these goodputs. Caches it, since computing all intervals takes long. */
function repeated(goodputs: readonly number[], { seed = 7, name = 'plain' } = {}): Result {
  const key = JSON.stringify([goodputs, seed, name]);
  const rounds = () => goodputs.map((goodput, i) => makeRound(seed + i, { [name]: goodput }));
  const result = known.get(key) ?? overRounds(rounds(), { command: '', durationMs: 0 });
  known.set(key, result);
  return result;
}
const changeIn = (metric: Change['metric'], before: Result, after: Result, margin?: number): Change =>
  changesBetween(before, after, margin).find((change) => change.metric === metric)!;

const before = [0.9, 0.7, 0.8, 0.6, 0.85, 0.75];
const moved = (by: number): number[] => before.map((goodput, i) => goodput + by + (i % 2) / 100);

test.each<[by: number, verdict: Change['verdict'], errors: Change['verdict']]>([
  [-0.05, 'worse', 'worse'],
  [0.05, 'better', 'better'],
  [-0.005, 'no difference', 'no difference'],
])('changesBetween calls a goodput that moved by %d %s, and errors, too', (by, goodput, errors) => {
  const [a, b] = [repeated(before), repeated(moved(by))];
  expect(changeIn('goodput', a, b).verdict).toBe(goodput);
  expect(changeIn('errors', a, b).verdict).toBe(errors);
});

test('changesBetween compares rounds of the same seeds seed by seed, and others as they are', () => {
  const after = moved(-0.05);
  const paired = changeIn('goodput', repeated(before), repeated(after));
  const apart = changeIn('goodput', repeated(before), repeated(after, { seed: 8 }));
  expect(paired.difference!.value).toBeCloseTo(apart.difference!.value);
  expect(paired.verdict).toBe('worse');
  expect(apart.verdict).toBe('no difference');
});

/** Returns a result with other values in its rounds: those that `instead` returns, none for null. */
function changed(
  result: Result,
  instead: (metric: MetricName, round: number, value: number | null) => number | null,
): Result {
  const figures = result.rounds!.flatMap(({ seed }, i) =>
    metricNames.flatMap((metric): Figure[] => {
      const place = { variant: result.variants[0]!.name, metric, round: seed };
      const value = instead(metric, i, figureAt(result.figures, place)?.value ?? null);
      return value === null ? [] : [{ ...place, source: 'measured', value }];
    }),
  );
  const over = figuresOver(
    [...Map.groupBy(figures, ({ round }) => round).values()].map((of) =>
      of.map(({ round: _, ...rest }) => rest),
    ),
  );
  return { ...result, figures: [...over, ...figures] };
}

/** Returns a result whose rounds have 2,000 requests and these values. They grow by 0.1 % of `values` per round. */
const valued = (values: Partial<Record<MetricName, number>>): Result =>
  changed(repeated(before.slice(0, 4)), (metric, i, value) => {
    const own = metric === 'offered' ? undefined : values[metric];
    return metric === 'offered' ? 2000 : own === undefined ? value : own * (1 + i / 1000);
  });

const judgedAlone = ['errors', 'wasted', 'retries', 'p50', 'p99'];

test.each<[string, done: number, by: number, Pick<Change, 'verdict' | 'regressed' | 'instead'>]>([
  ['more is done', 1900, 1.5, { verdict: null, regressed: false, instead: 'more done' }],
  ['more is done', 1900, 0.5, { verdict: 'better', regressed: false }],
  ['as much is done', 1000, 1.5, { verdict: 'worse', regressed: true }],
  ['as much is done', 1000, 0.5, { verdict: 'better', regressed: false }],
  ['less is done', 400, 1.5, { verdict: 'worse', regressed: true }],
  ['less is done', 400, 0.5, { verdict: null, regressed: false, instead: 'less done' }],
  ['less is done', 400, 1, { verdict: 'no difference', regressed: false }],
])('changesBetween where %s, %d after 1,000, judges what that alone changes: %d, %o', (_, done, by, of) => {
  const [a, b] = [
    valued({ completed: 1000, errors: 100, wasted: 100, retries: 100, p50: 100, p99: 100 }),
    valued({
      completed: done,
      ...Object.fromEntries(judgedAlone.map((name) => [name, 100 * by])),
    }),
  ];
  const changes = changesBetween(a, b, 0.05).filter(({ metric }) => judgedAlone.includes(metric));
  expect(changes).toHaveLength(judgedAlone.length);
  for (const { metric, verdict, regressed, instead } of changes)
    expect({ metric, verdict, regressed, ...(instead && { instead }) }).toEqual({ metric, ...of });
});

test.each<[Change['metric'], done: number, after: number, Pick<Change, 'verdict' | 'instead'>]>([
  ['errors', 1900, 180, { verdict: null, instead: 'more done' }],
  ['errors', 1900, 200, { verdict: 'worse' }],
  ['errors', 500, 55, { verdict: null, instead: 'less done' }],
  ['errors', 500, 45, { verdict: 'better' }],
  ['p99', 1900, 750, { verdict: null, instead: 'more done' }],
  ['p99', 1900, 770, { verdict: 'worse' }],
  ['p99', 1001, 9000, { verdict: 'worse' }],
  ['p50', 500, 55, { verdict: null, instead: 'less done' }],
  ['p50', 500, 45, { verdict: 'better' }],
])('changesBetween judges %s, where %d after 1,000 are done, by that: %d, %o', (figure, done, after, of) => {
  const a = valued({ completed: 1000, errors: 100, p50: 100, p99: 400 });
  const { verdict, regressed, instead } = changeIn(figure, a, valued({ completed: done, [figure]: after }));
  expect({ verdict, regressed, ...(instead && { instead }) }).toEqual({
    ...of,
    regressed: of.verdict === 'worse',
  });
});

test.each(['goodput', 'lost', 'duplicates'] as const)('changesBetween always judges %s', (figure) => {
  const [a, b] = [
    valued({ completed: 1000, goodput: 0.8, lost: 1, duplicates: 1 }),
    valued({ completed: 1900, goodput: 0.5, lost: 9, duplicates: 9 }),
  ];
  expect(changeIn(figure, a, b, 0.05)).toMatchObject({ verdict: 'worse', regressed: true });
});

test.each<[margin: number, regressed: boolean]>([
  [0, true],
  [0.03, true],
  [0.045, false],
])('changesBetween with a margin of %d of goodput lost 4 to 5: regressed is %s', (margin, regressed) => {
  expect(changeIn('goodput', repeated(before), repeated(moved(-0.05)), margin).regressed).toBe(regressed);
});

test('changesBetween takes the margin of a count as a part of the one before', () => {
  // On average, 467 of 2,000 requests failed in the earlier result, and 90 more in the later result.
  const errors = (margin: number) =>
    changeIn('errors', repeated(before), repeated(moved(-0.05)), margin).regressed;
  expect([errors(0.15), errors(0.25)]).toEqual([true, false]);
});

test('changesBetween sees how probable a collapse has become', () => {
  const well = Array.from({ length: 10 }, () => 0.9);
  const ill = Array.from({ length: 10 }, (_, i) => (i < 6 ? 0.05 : 0.9));
  expect(changeIn('collapsed', repeated(well), repeated(ill))).toMatchObject({
    verdict: 'worse',
    before: { value: 0 },
    after: { value: 0.6 },
  });
});

test('changesBetween gives no verdict without an interval, or without data', () => {
  const single = makeRound(7, { plain: 0.1 });
  for (const figure of ['goodput', 'collapsed'] as const) {
    expect(changeIn(figure, single, repeated(before), 0.05)).toMatchObject({
      difference: { low: Number.NaN, high: Number.NaN },
      verdict: null,
      regressed: false,
    });
  }
  const mute = changed(repeated(before), (metric, _, value) => (metric === 'p99' ? null : value));
  expect(changeIn('p99', repeated(before), mute)).toMatchObject({
    difference: null,
    verdict: null,
  });
});

test('changesBetween has no change of a variant that only one side has, and missingIn names it', () => {
  const [plain, other] = [repeated(before), repeated(before, { name: 'other' })];
  expect(changesBetween(plain, other)).toEqual([]);
  expect([missingIn(other, plain), missingIn(plain, other), missingIn(plain, plain)]).toEqual([
    ['plain'],
    ['other'],
    [],
  ]);
});

test('changesBetween does not compare the latencies of rounds with those of only the rounds that had one', () => {
  const [a, b] = [repeated(before), repeated(before)];
  const dead = changed(b, (metric, i, value) => (metric === 'p99' ? (i < 3 ? null : value! / 2) : value));
  expect(changeIn('p99', a, dead)).toMatchObject({ difference: null, verdict: null });
});

test('changesBetween shows no difference beyond what there can be', () => {
  const [a, b] = [repeated([0.1, 0.9]), repeated([0.9, 0.1])];
  expect(changeIn('goodput', a, b).difference).toMatchObject({ low: -1, high: 1 });
  expect(changeIn('errors', a, b).difference!.high).toBeGreaterThan(2000);
});

/** Returns rounds that offered these numbers of requests, the first with a seed. */
function offering(counts: readonly number[], seed = 7, callers?: number): Result {
  const result = changed(repeated(before.slice(0, counts.length), { seed }), (metric, i, value) =>
    metric === 'offered' ? counts[i]! : value,
  );
  const config = callers === undefined ? {} : { load: { callers } };
  return { ...result, variants: result.variants.map((each) => ({ ...each, config })) };
}

test.each<[boolean, string, Result, Result]>([
  [false, 'the same counts', offering([990, 1010]), offering([990, 1010])],
  [true, 'another count with the same seed', offering([990, 1010]), offering([990, 1011])],
  [false, 'counts with other seeds that chance explains', offering([990, 1010]), offering([1030, 1060], 9)],
  [
    true,
    'counts with other seeds that chance does not explain',
    offering([990, 1010]),
    offering([500, 510], 9),
  ],
  [false, 'other counts of a closed loop', offering([990, 1010], 7, 5), offering([500, 510], 7, 5)],
  [true, 'other callers of a closed loop', offering([990, 1010], 7, 5), offering([990, 1010], 7, 6)],
])('changesBetween judges no figure of another load: %s, with %s', (isOther, _, before, after) => {
  const { verdict, instead } = changeIn('goodput', before, after);
  expect(verdict === null).toBe(isOther);
  expect(instead === 'another load').toBe(isOther);
});
