import { expect, test } from 'vitest';
import type { MetricName } from '#lab/experiment/metrics/catalogue.ts';
import { figureAt } from '#lab/experiment/metrics/table.ts';
import { overRounds } from '#lab/judge/over-rounds.ts';
import { withFigures } from '#test/fixtures/result.ts';
import { judgedAs, makeRound } from '#test/fixtures/rounds.ts';

const about = { command: 'spillway run x.yaml --repeat 3', durationMs: 9000 };
const rounds = [7, 8, 9].map((seed) => makeRound(seed, { plain: seed === 8 ? 0.1 : 0.9, guarded: 0.95 }));

test('overRounds holds what each round measured of each variant, and whether it collapsed', () => {
  const result = overRounds(rounds, about);
  expect(result).toMatchObject({ ...about, status: 'measured', experiment: { seed: 7 } });
  expect(result.rounds?.map(({ seed, status }) => [seed, status])).toEqual([
    [7, 'held'],
    [8, 'held'],
    [9, 'held'],
  ]);
  const of = (variant: string, metric: MetricName, round?: number) =>
    figureAt(result.figures, { variant, metric, ...(round !== undefined && { round }) })?.value;
  expect([7, 8, 9].map((seed) => of('plain', 'goodput', seed))).toEqual([0.9, 0.1, 0.9]);
  expect([7, 8, 9].map((seed) => of('plain', 'collapsed', seed))).toEqual([0, 1, 0]);
  expect(of('guarded', 'goodput')).toBeCloseTo(0.95);
});

test('overRounds holds the means of each variant, also of one that only a later round finished', () => {
  const cut = withFigures({ ...rounds[0]!, variants: rounds[0]!.variants.slice(0, 1) });
  const { variants, figures } = overRounds([cut, rounds[1]!], about);
  expect(variants).toMatchObject([{ name: 'plain' }, { name: 'guarded' }]);
  const means = variants.map(({ name }) => figureAt(figures, { variant: name, metric: 'goodput' }));
  expect(means).toMatchObject([
    { value: 0.5, n: 2 },
    { value: 0.95, n: 1 },
  ]);
});

test('overRounds judges each hypothesis over all rounds', () => {
  const text = 'goodput(guarded) > 0.94';
  const judged = rounds.map((round) => ({ ...round, hypotheses: [judgedAs(text, 0.95, 0.94)] }));
  expect(overRounds(judged, about)).toMatchObject({
    status: 'held',
    exitCode: 0,
    hypotheses: [{ text, ok: true }],
  });
  const once = judged.with(1, { ...judged[1]!, hypotheses: [judgedAs(text, 0.9, 0.94)] });
  expect(overRounds(once, about)).toMatchObject({ status: 'failed', exitCode: 99 });
});

test('overRounds is invalid when one round was, and says in which and how many', () => {
  const off = rounds.map((round, i) => ({
    ...round,
    validity: round.validity.map((check) =>
      i > 0 && check.variant === 'plain' && check.name === 'send lag p99'
        ? { ...check, ok: false, measured: 40 + i, finding: `sent ${40 + i} ms late` }
        : check,
    ),
  }));
  const { status, validity } = overRounds(off, about);
  expect(status).toBe('invalid');
  expect(validity).toHaveLength(rounds[0]!.validity.length);
  expect(validity.filter(({ ok }) => !ok)).toMatchObject([
    { variant: 'plain', measured: 42, finding: 'in 2 of 3 rounds, the worst with seed 9: sent 42 ms late' },
  ]);
});

test.each(['error', 'interrupted'] as const)(
  'overRounds ends by %s as a round did, and says where',
  (status) => {
    const name = status === 'error' ? 'ServiceDied' : 'interrupted';
    const errors = [{ name, message: 'gateway ended' }];
    const result = overRounds([rounds[0]!, { ...rounds[1]!, status, variants: [], errors }], about);
    expect(result).toMatchObject({ status, errors: [{ name, message: 'gateway ended (with seed 8)' }] });
    expect(result.rounds?.[1]).toEqual({ seed: 8, status });
  },
);
