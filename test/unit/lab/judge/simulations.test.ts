import { expect, test } from 'vitest';
import type { SimulationEvidence } from '#lab/evidence/simulations.ts';
import { compareSimulations } from '#lab/judge/simulations.ts';
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
  const { figures } = compareSimulations(evidence(...args), result).variants[0]!;
  return Object.fromEntries(figures.map(({ metric, verdict }) => [metric, verdict]));
};
const verdictsOf = (...args: Parameters<typeof evidence>) => verdictsIn(measured, ...args);

const all = (verdict: string) => ({ goodput: verdict, amplification: verdict, p50: verdict, p99: verdict });
/** Simulations of two seeds with the same values. */
const twice = (values: Values[number]): Values => [values, values];

test('compareSimulations says agrees, explained by the overhead, or differs', () => {
  const far = { goodput: 0.7, amplification: 2, p50: 200, p99: 900 };
  expect(verdictsOf(twice(agreeing))).toEqual(all('agrees'));
  expect(verdictsOf(twice(far), twice(agreeing))).toEqual(all('explained'));
  expect(verdictsOf(twice(far))).toEqual(all('differs'));
  expect(verdictsOf(twice(agreeing), twice(far))).toEqual(all('differs'));
});

test('compareSimulations judges no figure of a variant that was disturbed', () => {
  const { validity } = makeResult({ status: 'invalid' });
  expect(verdictsIn({ ...measured, validity }, twice(agreeing))).toEqual(all('unjudged'));
});

test.each([
  ['goodput', 0.451, 0.449],
  ['amplification', 0.91, 0.905],
  ['p50', 116, 118],
  ['p99', 349, 347],
])(
  'compareSimulations tolerates a difference of %s on either side of its bound',
  (metric, within, beyond) => {
    const verdict = (value: number) => verdictsOf(twice({ ...agreeing, [metric]: value }))[metric];
    expect([verdict(within), verdict(beyond)]).toEqual(['agrees', 'differs']);
  },
);

test('compareSimulations accepts what lies in the interval for one more run', () => {
  const spread = [0.6, 0.7, 0.8].map((goodput) => ({ ...agreeing, goodput }));
  const [goodput] = compareSimulations(evidence(spread), measured).variants[0]!.figures;
  // t for two degrees of freedom is 4.3027, the standard deviation is 0.1, and √(1/3 + 1) is 1.1547.
  expect(goodput).toMatchObject({
    ideal: { mean: expect.closeTo(0.7), low: expect.closeTo(0.7 - 0.4968, 4), high: 1 },
    measured: 0.5,
    verdict: 'agrees',
  });
});

test('compareSimulations doesn’t judge percentiles of few requests, and figures without a value', () => {
  const few = alter(measured, name, { outcomes: { ...measured.variants[0]!.outcomes, ok: 999 } });
  const verdicts = compareSimulations(evidence(twice(agreeing)), few).variants[0]!.figures.map(
    ({ verdict }) => verdict,
  );
  expect(verdicts).toEqual(['agrees', 'agrees', 'unjudged', 'unjudged']);
  expect(verdictsOf(twice(null))).toEqual(all('unjudged'));
});

test('compareSimulations compares with the ideal simulation if the overhead is unknown', () => {
  expect(verdictsOf(twice(agreeing), [])).toEqual(all('agrees'));
});

test('compareSimulations leaves out goodput by another deadline than the simulated one', () => {
  expect(Object.keys(verdictsOf(twice(agreeing), twice(agreeing), 1000))).toEqual([
    'amplification',
    'p50',
    'p99',
  ]);
});

test('compareSimulations compares with the mean over rounds, and narrows the interval for it', () => {
  const round = (seed: number, goodput: number) => ({
    seed,
    status: 'held' as const,
    variants: [{ name, values: { goodput, completed: 1000 }, collapsed: false, recoveries: [] }],
  });
  const result = { ...measured, variants: [], rounds: [round(1, 0.4), round(2, 0.6)] };
  const spread = [0.6, 0.7, 0.8].map((goodput) => ({ ...agreeing, goodput }));
  const [goodput] = compareSimulations(evidence(spread), result).variants[0]!.figures;
  expect(goodput).toMatchObject({
    measured: 0.5,
    ideal: { low: expect.closeTo(0.7 - 4.3027 * 0.1 * Math.sqrt(1 / 3 + 1 / 2), 4) },
  });
});

test('compareSimulations keeps reasons, and drops variants that were not measured', () => {
  const { variants, ...rest } = evidence([]);
  const refused = [
    { ...variants[0]!, reason: 'Not simulated.' },
    { ...variants[0]!, name: 'other' },
  ];
  expect(compareSimulations({ ...rest, variants: refused }, measured).variants).toEqual([
    { name, overhead: variants[0]!.overhead, reason: 'Not simulated.', figures: [] },
  ]);
  expect(compareSimulations({ ...rest, variants: [], reason: 'None.' }, measured).reason).toBe('None.');
});
