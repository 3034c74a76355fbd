import { expect, test } from 'vitest';
import { Requests } from '#lab/evidence/requests.ts';
import { lastEnds, stallsChecked } from '#lab/judge/claims.ts';
import { measure } from '#lab/judge/measure.ts';
import { parsed } from '#test/fixtures/experiment.ts';
import { observation } from './observation.ts';

/**
 * Returns for each variant the hypotheses that stalls open. Requests take 10 ms. A request at 4.5 s is under way until
 * 7 s. `stallOf` names the variant and its stalling process.
 */
function opened(
  stallOf: string,
  [fromMs, untilMs, cpuMs = 0]: readonly number[],
  hypothesis: readonly string[],
  more = '',
) {
  const experiment = parsed(`
deadlineMs: 1000
load: [{ arrivals: { kind: constant, ratePerSecond: 100, forMs: 16000 } }]
variants:
  calls: { path: rpc, policies: [{ retry: { maxRetries: 2 } }, { timeout: { ms: 35 } }] }
  plain: { path: rpc }
hypothesis: ${JSON.stringify(hypothesis)}
${more}
`);
  const requests = new Requests(1600);
  for (let index = 0; index < requests.size; index++) {
    requests.scheduledAtMs[index] = index * 10;
    requests.latencyMs[index] = index === 450 ? 2500 : 10;
    requests.decide(index, 'ok');
  }
  const [stalling, process] = stallOf.split(' ');
  const stall = { process: process!, fromMs: 1000 + fromMs!, untilMs: 1000 + untilMs!, cpuMs };
  const measured = ['calls', 'plain'].map((name) => {
    const stalls = { all: name === stalling ? [stall] : [], incomplete: [] };
    const { variant, figures } = measure(
      experiment,
      observation('calls', { name, requests, stalls, durationMs: 16_000 }),
      [1000],
    );
    return { variant, figures, ends: lastEnds(experiment, variant, requests) };
  });
  const figures = measured.flatMap(({ figures }) => figures);
  const judged = { experiment, figures, machine: { cpus: 2, loadAverage: 0 } };
  const checks = measured.map(({ variant, ends }) => stallsChecked(judged, variant, ends));
  expect(checks.map(({ ok }) => ok)).toEqual(checks.map(({ hypotheses }) => hypotheses!.length === 0));
  return checks.map(({ hypotheses }) => hypotheses);
}

const windows = ['0s..4s', '4s..5s', '5s..6s', '8s..16s'].map((window) => `goodput(calls, ${window}) > 0.5`);
const compared = 'goodput(calls) > goodput(plain)';

test.each([
  ['a quarter of the timeout, such as 150 ms in slow motion of 4', 'calls downstream', [2000, 2037.5], true],
  ['less than a quarter of the timeout', 'calls downstream', [2000, 2008.7], false],
  ['of the generator', 'calls generator', [2000, 2050], true],
  ['of a saturated generator', 'calls generator', [2000, 2050, 40], true],
  ['of a saturated service', 'calls gateway', [2000, 2050, 40], false],
])('a stall %s opens a hypothesis: %s', (_what, stallOf, stall, opens) => {
  const hypothesis = ['goodput(calls) > 0.9', 'goodput(plain) > 0.9'];
  expect(opened(stallOf, stall, hypothesis)).toEqual([opens ? hypothesis.slice(0, 1) : [], []]);
});

test('a stall opens later windows and those with a request under way, and leaves windows that were over', () => {
  expect(opened('calls gateway', [6000, 6400], windows)).toEqual([[windows[1], windows[3]], []]);
});

test('a stall opens a window whose fault was never in force, perhaps because of it', () => {
  const fault = '{ name: f, atMs: 9000, forMs: 500, target: downstream, fault: { kind: failure, ratio: 1 } }';
  const during = 'goodput(calls, during f) > 0.5';
  expect(opened('calls gateway', [6000, 6400], [during], `faults: [${fault}]`)[0]).toEqual([during]);
});

test('a stall of either variant opens the hypothesis that compares both', () => {
  expect(opened('calls gateway', [2000, 2300], [compared])).toEqual([[compared], []]);
  expect(opened('plain gateway', [2000, 2300], [compared])).toEqual([[], [compared]]);
});

test.each([
  ['goodput(plain) > 0.5', 250, ''], // the deadline is 1 s
  ['goodput(plain, 100ms) > 0.5', 25, ''],
  ['p50(plain) < 50ms', 40, ''], // it is 10 ms
  ['p50(plain) < 50ms', 300, 'validity: { stallMs: 300, reason: a test }'],
])('%s is opened by a stall of %d ms, and by no shorter one', (hypothesis, ms, more) => {
  const openedBy = (stallMs: number) =>
    opened('plain gateway', [2000, 2000 + stallMs], [hypothesis], more)[1]!.length;
  expect([openedBy(ms - 1), openedBy(ms)]).toEqual([0, 1]);
});
