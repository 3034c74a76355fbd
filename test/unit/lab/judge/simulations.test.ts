import { expect, test } from 'vitest';
import type { SimulationEvidence } from '#lab/evidence/simulations.ts';
import { overRounds } from '#lab/judge/over-rounds.ts';
import { besideSimulations, comparedIn } from '#lab/judge/simulations.ts';
import { alter, makeResult, pick } from '#test/fixtures/result.ts';
import { percentiles } from '#test/fixtures/variant.ts';

const name = 'rpc-guarded';
const base = pick(makeResult({ points: 0 }), name);

type Values = SimulationEvidence['variants'][number]['ideal'];

/** A value of each metric that agrees with `measured`. */
const agreeing = { goodput: 0.5, amplification: 1, p50: 100, p99: 400 };
const measured = alter(base, name, {
  goodput: 0.5,
  amplification: 1,
  latency: percentiles(1000, 100, 400),
  outcomes: { ...base.variants[0]!.outcomes, ok: 1000, late: 0 },
});

const evidence = (ideal: Values, withOverhead: Values = ideal, deadlineMs = 2000): SimulationEvidence => ({
  version: 1,
  deadlineMs,
  seeds: [1, 2],
  variants: [{ name, overhead: { gatewayMs: 1, downstreamMs: 2 }, ideal, withOverhead }],
});

const verdictsIn = (result: typeof measured, ...args: Parameters<typeof evidence>) => {
  const figures = comparedIn(besideSimulations(result, evidence(...args)), name);
  return Object.fromEntries(figures.map(({ metric, verdict }) => [metric, verdict]));
};
const verdictsOf = (...args: Parameters<typeof evidence>) => verdictsIn(measured, ...args);

const all = (verdict: string) => ({ goodput: verdict, amplification: verdict, p50: verdict, p99: verdict });
/** Simulations of two seeds with the same values. */
const twice = (values: Values[number]): Values => [values, values];

test('comparedIn says agrees, explained by the overhead, or differs', () => {
  const far = { goodput: 0.7, amplification: 2, p50: 200, p99: 900 };
  expect(verdictsOf(twice(agreeing))).toEqual(all('agrees'));
  expect(verdictsOf(twice(far), twice(agreeing))).toEqual(all('explained'));
  expect(verdictsOf(twice(far))).toEqual(all('differs'));
  expect(verdictsOf(twice(agreeing), twice(far))).toEqual(all('differs'));
});

test('comparedIn judges no figure of a variant that was disturbed', () => {
  const { validity } = makeResult({ status: 'invalid' });
  expect(verdictsIn({ ...measured, validity }, twice(agreeing))).toEqual(all('unjudged'));
});

test.each([
  ['goodput', 0.451, 0.449],
  ['amplification', 0.91, 0.905],
  ['p50', 116, 118],
  ['p99', 349, 347],
])('comparedIn tolerates a difference of %s on either side of its bound', (metric, within, beyond) => {
  const verdict = (value: number) => verdictsOf(twice({ ...agreeing, [metric]: value }))[metric];
  expect([verdict(within), verdict(beyond)]).toEqual(['agrees', 'differs']);
});

test('comparedIn accepts what lies in the interval for one more run', () => {
  const spread = [0.6, 0.7, 0.8].map((goodput) => ({ ...agreeing, goodput }));
  const [goodput] = comparedIn(besideSimulations(measured, evidence(spread)), name);
  // t for two degrees of freedom is 4.3027, the standard deviation is 0.1, and √(1/3 + 1) is 1.1547.
  expect(goodput).toMatchObject({
    ideal: { value: expect.closeTo(0.7), low: expect.closeTo(0.7 - 0.4968, 4), high: 1 },
    measured: 0.5,
    verdict: 'agrees',
  });
});

test('comparedIn doesn’t judge percentiles of few requests, and figures without a value', () => {
  const few = alter(measured, name, { outcomes: { ...measured.variants[0]!.outcomes, ok: 999 } });
  expect(Object.values(verdictsIn(few, twice(agreeing)))).toEqual([
    'agrees',
    'agrees',
    'unjudged',
    'unjudged',
  ]);
  expect(verdictsOf(twice(null))).toEqual({});
});

test('comparedIn compares with the ideal simulation if the overhead is unknown', () => {
  expect(verdictsOf(twice(agreeing), [])).toEqual(all('agrees'));
});

test('comparedIn compares with the mean over rounds, and narrows the interval for it', () => {
  const round = (seed: number, goodput: number) =>
    alter({ ...measured, experiment: { ...measured.experiment, seed } }, name, { goodput });
  const result = overRounds([round(1, 0.4), round(2, 0.6)], { command: '', durationMs: 0 });
  const spread = [0.6, 0.7, 0.8].map((goodput) => ({ ...agreeing, goodput }));
  const [goodput] = comparedIn(besideSimulations(result, evidence(spread)), name);
  expect(goodput).toMatchObject({
    measured: 0.5,
    ideal: { low: expect.closeTo(0.7 - 4.3027 * 0.1 * Math.sqrt(1 / 3 + 1 / 2), 4) },
  });
});

test('besideSimulations keeps the reason, and drops variants that were not measured', () => {
  const { variants, ...rest } = evidence([]);
  const both = [variants[0]!, { ...variants[0]!, name: 'other' }];
  expect(besideSimulations(measured, { ...rest, variants: both }).simulations?.variants).toEqual([
    { name, overhead: variants[0]!.overhead },
  ]);
  const none = besideSimulations(measured, { ...rest, variants: [], reason: 'None.' });
  expect(none.simulations?.reason).toBe('None.');
});
