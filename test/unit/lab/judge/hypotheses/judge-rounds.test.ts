import { expect, test } from 'vitest';
import { stream } from '#kit/random.ts';
import type { HypothesisResult } from '#lab/experiment/hypothesis/hypothesis-result.ts';
import { judgeRounds } from '#lab/judge/hypotheses/hypothesis.ts';

/** Returns the results of a hypothesis, one per round of 1,000 requests. */
const rounds = (text: string, sides: readonly (readonly [number, number, boolean])[]): HypothesisResult[] =>
  sides.map(([left, right, ok]) => ({ text, left, right, ok, offered: 1000 }));

const greater = (...sides: [number, number][]) =>
  rounds(
    'goodput(a) > goodput(b)',
    sides.map(([left, right]) => [left, right, left > right]),
  );

test('judgeRounds lets a hypothesis hold when the whole interval of the mean difference does', () => {
  const each = greater([0.9, 0.5], [0.7, 0.3], [0.8, 0.45], [0.9, 0.55], [0.7, 0.3]);
  const { ok, left, right, rounds } = judgeRounds(each);
  expect({ ok, held: rounds?.held, of: rounds?.of }).toEqual({ ok: true, held: 5, of: 5 });
  expect([left, right]).toEqual([expect.closeTo(0.8), expect.closeTo(0.42)]);
  expect(rounds?.low).toBeCloseTo(0.35);
  expect(rounds?.high).toBeCloseTo(0.4);
});

test('judgeRounds lets a hypothesis fail that holds in the mean, but maybe by chance', () => {
  const each = greater([0.9, 0.5], [0.9, 0.5], [0.9, 0.5], [0.1, 0.2]);
  expect(judgeRounds(each)).toMatchObject({
    ok: false,
    left: expect.closeTo(0.7),
    rounds: { of: 4, held: 3 },
  });
});

test('judgeRounds lets a hypothesis hold that fails in a round, when many others show the mean', () => {
  const wide = Array.from({ length: 19 }, (_, i): [number, number] => [0.8 + i / 100, 0.5]);
  expect(judgeRounds(greater(...wide, [0.49, 0.5]))).toMatchObject({ ok: true, rounds: { held: 19 } });
});

test.each<[operator: string, low: boolean, level: boolean, high: boolean]>([
  ['>', false, false, true],
  ['>=', false, true, true],
  ['<', true, false, false],
  ['<=', true, true, false],
])('judgeRounds of %s looks at the bound that decides', (operator, ...expected) => {
  const found = [-1, 0, 1].map((off) => {
    const each = [10, 11, 12].map((right): [number, number, boolean] => [right + off, right, true]);
    return judgeRounds(rounds(`p99(a) ${operator} p99(b)`, each)).ok;
  });
  expect(found).toEqual(expected);
});

test.each(['>', '>=', '<', '<='])(
  'judgeRounds of %s shows nothing where 0 is within the interval',
  (operator) => {
    const each = [-1, 1, -2, 2].map((off): [number, number, boolean] => [10 + off, 10, true]);
    expect(judgeRounds(rounds(`ok(a) ${operator} ok(b)`, each)).ok).toBe(false);
  },
);

test('judgeRounds of == wants it in every round', () => {
  const twenty = (...each: number[]) =>
    judgeRounds(
      rounds(
        'ok(a) == 20',
        each.map((left) => [left, 20, left === 20]),
      ),
    ).ok;
  expect(twenty(20, 20, 20)).toBe(true);
  expect(twenty(20, 21, 20)).toBe(false);
  expect(twenty(20, 19, 20)).toBe(false);
});

type Sides = (isSo: 0 | 1) => [left: number, right: number];

test.each<[text: string, count: number, ok: boolean, low: number, high: number, sides: Sides]>([
  ['metastable(a, after x) < 0.05', 0, false, -0.05, 0.384, (is) => [is, 0.05]],
  ['metastable(a, after x) < 0.5', 0, true, -0.5, -0.066, (is) => [is, 0.5]],
  ['metastable(a, after x) > 0.5', 5, true, 0.066, 0.5, (is) => [is, 0.5]],
  ['metastable(a, after x) > 0.6', 5, false, -0.034, 0.4, (is) => [is, 0.6]],
  ['0.05 > metastable(a, after x)', 0, false, -0.384, 0.05, (is) => [0.05, is]],
  ['0.5 > metastable(a, after x)', 0, true, 0.066, 0.5, (is) => [0.5, is]],
  ['2 * metastable(a, after x) < 1', 0, true, -1, -0.131, (is) => [2 * is, 1]],
  ['metastable(a, after x) < metastable(b, after x)', 2, false, -0.769, 0.118, (is) => [0, is]],
  ['metastable(a, after x) < metastable(b, after x)', 5, true, -1, -0.386, (is) => [0, is]],
  ['metastable(a, after x) == 0', 0, true, 0, 0.43, (is) => [is, 0]],
])(
  'judgeRounds of %s goes by the probability of %d in five rounds: %s',
  (text, count, ok, low, high, sides) => {
    const each = Array.from({ length: 5 }, (_, i): [number, number, boolean] => {
      const [left, right] = sides(i < count ? 1 : 0);
      return [left, right, true];
    });
    const { ok: found, rounds: over } = judgeRounds(rounds(text, each));
    expect({ found, ...over }).toMatchObject({
      found: ok,
      low: expect.closeTo(low, 2),
      high: expect.closeTo(high, 2),
    });
  },
);

test('judgeRounds lets a hypothesis without data fail, regardless of the other rounds', () => {
  const none = {
    text: 'p99(a) < 500ms',
    ok: false,
    left: null,
    right: 500,
    reason: 'no data for p99(a)',
  };
  const some = { text: 'p99(a) < 500ms', ok: true, left: 100, right: 500 };
  expect(judgeRounds([some, none, some])).toEqual({
    text: 'p99(a) < 500ms',
    ok: false,
    left: 100,
    right: 500,
    reason: 'no data for p99(a) in 1 of 3 rounds',
  });
});

test('judgeRounds gives no verdict if a round has none, since leaving it out could bias the rest', () => {
  const [one, two] = greater([0.9, 0.5], [0.8, 0.5]);
  const open = { ...one!, ok: null, left: 0.7, reason: 'failed check: lag in a' };
  const reason = 'failed check: lag in a in 1 of 3 rounds';
  expect(judgeRounds([one!, two!, open])).toEqual({
    ...{ text: one!.text, ok: null, left: expect.closeTo(0.8), right: 0.5, reason },
  });
  expect(judgeRounds([open])).toEqual(open);
});

test.each([
  [[60, 60, 60], true],
  [[60, 45, 60], true],
  [[60, 3, 60], false],
])('judgeRounds wants what was not watched to its end to hold in every round: %j', (times, ok) => {
  const each = times.map((left) => ({
    text: 'timeToRecover(a, after x) > 20s',
    left,
    right: 20,
    ok: left > 20,
    ...(left === 60 && { reason: 'only a lower bound of timeToRecover(a, after x) is known' }),
  }));
  const judged = judgeRounds(each);
  expect(judged.ok).toBe(ok);
  expect(judged.reason).toContain('is known in');
});

/** Returns a function that draws a Poisson count (Knuth). */
const poissonOf = (random: () => number) => (mean: number) => {
  let count = 0;
  for (let product = random(); product > Math.exp(-mean); product *= random()) count += 1;
  return count;
};

// The aim is 2.5 % wrong verdicts, the one side of a 95 % interval. The bound allows for 2,000 samples.
test.each<[text: string, mean: number, of: number, sides: (draw: () => number) => [number, number]]>([
  ['failed(a) < 1', 1, 2, (draw) => [draw(), 1]],
  ['failed(a) < 1', 1, 4, (draw) => [draw(), 1]],
  ['failed(a) < 0.3', 0.3, 2, (draw) => [draw(), 0.3]],
  ['2 * failed(a) < 0.6', 0.3, 3, (draw) => [2 * draw(), 0.6]],
  ['failed(a) > 4', 4, 2, (draw) => [draw(), 4]],
  ['goodput(a) > 0.999', 1, 2, (draw) => [1 - draw() / 1000, 0.999]],
  ['goodput(a) > goodput(b)', 4, 2, (draw) => [1 - draw() / 1000, 1 - draw() / 1000]],
  ['failed(a) < failed(b)', 0.3, 2, (draw) => [draw(), draw()]],
  ['failed(a) < failed(b)', 1, 4, (draw) => [draw(), draw()]],
])(
  'judgeRounds of %s, with equal true values of %d, seldom holds over %d rounds by chance',
  (text, mean, of, sides) => {
    const draw = poissonOf(stream(1, text));
    const held = Array.from({ length: 2000 }, () => {
      const each = Array.from({ length: of }, () => sides(() => draw(mean)));
      return judgeRounds(
        rounds(
          text,
          each.map(([left, right]) => [left, right, true]),
        ),
      ).ok;
    });
    expect(held.filter((ok) => ok).length / held.length).toBeLessThan(0.035);
  },
);

test.each<[text: string, each: [number, number], of: number, ok: boolean]>([
  ['failed(a) < 1', [0, 1], 4, false],
  ['failed(a) < 1', [0, 1], 6, true],
  ['duplicates(a) > 15', [20, 15], 2, true],
  ['retries(a) > retries(b)', [10_010, 10_000], 2, true],
  ['retries(a) > retries(b)', [10_001, 10_000], 4, false],
  ['retries(a) > retries(b)', [10_001, 10_000], 6, true],
])('judgeRounds of %s, with %j in each of %d rounds: %s', (text, [left, right], of, ok) => {
  const each = Array.from({ length: of }, (): [number, number, boolean] => [left, right, true]);
  expect(judgeRounds(rounds(text, each)).ok).toBe(ok);
});
