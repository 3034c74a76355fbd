import { expect, test } from 'vitest';
import { deadlinesIn, steadyStateOf, untouched } from '#lab/experiment/measures.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { experimentText as edited, expectRefusal, fault, refusals } from '#test/fixtures/experiment.ts';

test('deadlinesIn: those beside a goodput, each once, rising', () => {
  const hypothesis = ['goodput(a, 0.777s) > 0.5 * goodput(a, 99s)', 'p99(a) < 111ms', 'goodput(b, 99s) > 0'];
  expect(deadlinesIn({ hypothesis })).toEqual([777, 99_000]);
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
