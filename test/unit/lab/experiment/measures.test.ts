import { expect, test } from 'vitest';
import { deadlinesOf, leastMsOfRound, steadyStateOf, untouched } from '#lab/experiment/measures.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { experimentText as edited, expectRefusal, fault, refusals } from '#test/fixtures/experiment.ts';

const text = `
title: deadlines
deadlineMs: 1234
drainMs: 100000
load: [{ arrivals: { kind: constant, ratePerSecond: 1, forMs: 1000 } }]
variants: { a: { path: rpc } }
hypothesis: ['goodput(a, 0.777s) > 0.5 * goodput(a, 99s)', p99(a) < 111ms]
`;
const deadlines = deadlinesOf(parseExperiment(text, 'x.yaml'));

test('deadlinesOf: none beyond the drain, after which outcomes are unknown', () => {
  const short = text.replace('99s', '2s').replace('100000', '2000');
  expect(deadlinesOf(parseExperiment(short, 'x.yaml')).at(-1)).toBe(2000);
});

test("deadlinesOf: the experiment's own, the usual ones and those that hypotheses name", () => {
  expect(deadlines).toEqual(expect.arrayContaining([1234, 250, 1000, 2000, 5000, 777, 99_000]));
  expect(deadlines).not.toContain(111); // the hypotheses compare p99 with it, it is no deadline of a goodput
});

test('deadlinesOf: each once, rising', () => {
  expect(deadlines).toEqual([...new Set(deadlines)].toSorted((a, b) => a - b));
});

test('deadlinesOf: for the curve from 10 ms to 60 s, each at most a quarter above the one before', () => {
  const curve = deadlines.filter((ms) => ms <= 60_000);
  expect([curve[0], curve.at(-1)]).toEqual([10, 60_000]);
  for (const [i, ms] of curve.slice(1).entries()) expect(ms / curve[i]!).toBeLessThanOrEqual(1.25);
});

test('the steady state is judged in each variant of what is done before the first fault', () => {
  const text = edited(
    {},
    'faults:',
    fault('later', 1500, 100),
    fault('first', 1200, 100),
    'steadyState: ["goodput > 95%", "p99 < 2 * p50"]',
  );
  const experiment = parseExperiment(text.replace('¦', ''), 'x.yaml');
  const window = untouched(experiment);
  expect(window).toEqual({ part: 'span', fromMs: 0, untilMs: 200 });
  expect(steadyStateOf(experiment, 'direct', window)).toEqual([
    'goodput(direct, 0..200ms) > 95%',
    'p99(direct, 0..200ms) < 2 * p50(direct, 0..200ms)',
  ]);
});

const faultsExpected =
  'steadyState: expected faults, the first later than deadlineMs, since steadyState judges the requests before it';

test.each(
  refusals(`
# no fault
steadyState: ¦["goodput > 95%"]
! ${faultsExpected}
# a fault that comes too soon
faults:
${fault('f', 1000, 100)}
steadyState: ¦["goodput > 95%"]
! ${faultsExpected}
# a variant of its own
faults:
${fault('f', 1100, 100)}
steadyState: ["goodput¦(direct) > 95%"]
! steadyState[0]: expected goodput without a variant, since it must hold in each
# what is not known in windows, or not at all
faults:
${fault('f', 1100, 100)}
steadyState: ["¦retries < 9", "¦goodputt > 1"]
! steadyState[0]: expected a metric that can be measured in windows, got retries
! steadyState[1]: unknown metric goodputt, did you mean goodput?
`),
)('a steady state with %s is refused', (_what, ...refused) => expectRefusal(...refused));

test('leastMsOfRound adds load and deadline of both variants', () => {
  const load = '  - arrivals: { kind: constant, ratePerSecond: 10, forMs: 4000 }';
  expect(leastMsOfRound(parseExperiment(edited({ 4: load }), 'x.yaml'))).toBe(10_000);
});
