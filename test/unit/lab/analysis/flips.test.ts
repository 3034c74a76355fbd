import { expect, test } from 'vitest';
import { stallLines } from '#lab/analysis/figures/stall-text.ts';
import type { ProcessStall } from '#lab/analysis/figures/stalls.ts';
import { alternatives, stallChecks } from '#lab/analysis/flips.ts';
import { measure } from '#lab/analysis/measure.ts';
import type { Observation } from '#lab/analysis/observation/observation.ts';
import { Requests } from '#lab/evidence/requests.ts';
import type { Result } from '#lab/result/result.ts';
import { parsed } from '#test/fixtures/experiment.ts';
import { observation } from './observation.ts';

const perSecond = 100;
const machine = { cpus: 2, loadAverage: 0 };

/**
 * Judges a hypothesis on a run. In each variant, at most one process stalls. All requests of the variant `calls` take
 * 10 ms and are ok. If the hypothesis names a variant `fewer`, the run has it, too; every tenth of its requests fails.
 */
function run(
  seconds: number,
  hypothesis: string,
  stall: ProcessStall | undefined,
  fewer: ProcessStall | undefined = undefined,
) {
  const experiment = parsed(`
deadlineMs: 100
load: [{ arrivals: { kind: constant, ratePerSecond: ${perSecond}, forMs: ${seconds * 1000} } }]
variants:
  calls: { path: rpc, policies: [{ retry: { maxRetries: 2 } }] }
  ${hypothesis.includes('fewer') ? 'fewer: { path: rpc }' : ''}
hypothesis: ['${hypothesis}']
`);
  const observed = Object.keys(experiment.variants).map((name) =>
    name === 'calls'
      ? observedOf(name, seconds, stall, () => false)
      : observedOf(name, seconds, fewer, (index) => index % 10 === 0),
  );
  const variants = observed.map((each) => measure(experiment, each, [100]));
  const others = new Map(
    variants.map((variant, i) => [variant.name, alternatives(experiment, variant, observed[i]!)]),
  );
  const checks = stallChecks(experiment, variants, others, machine);
  const [variant] = variants;
  const [check] = checks;
  const result = { validity: [check], hypotheses: [{}] } as unknown as Result;
  return { check: check!, checks, lines: stallLines(result, variant!) };
}

function observedOf(
  name: string,
  seconds: number,
  stall: ProcessStall | undefined,
  fails: (index: number) => boolean,
): Observation {
  const requests = new Requests(seconds * perSecond);
  for (let index = 0; index < requests.size; index++) {
    requests.scheduledAtMs[index] = (index * 1000) / perSecond;
    requests.lagMs[index] = 0;
    requests.latencyMs[index] = 10;
    requests.attempts[index] = 1;
    requests.decide(index, fails(index) ? 'failed' : 'ok');
  }
  const base = observation('calls');
  const summary = { ...base.summary, startedAtMs: 0, offered: requests.size, planned: requests.size };
  const stalls = { all: stall ? [stall] : [], incomplete: [] };
  return { ...base, name, summary, requests, stalls, durationMs: seconds * 1000 };
}

const stallOf = (process: string, ms: number, cpuMs = 0): ProcessStall => ({
  process,
  fromMs: 2000,
  untilMs: 2000 + ms,
  cpuMs,
});

// A stall of 50, 100 or 300 ms affects 5, 10 or 30 of 600 or 6,000 requests. It may affect two more: a request just
// before the stall, and a request that ends just after it.
test.each([
  [50, 6, 'goodput(calls) > 0.95', false],
  [50, 6, 'goodput(calls) > 0.995', true],
  [300, 6, 'goodput(calls) > 0.9', false],
  [300, 6, 'goodput(calls) > 0.96', true],
  [50, 60, 'goodput(calls) > 0.9995', true],
  [100, 60, 'p99(calls) < 50ms', false],
  [300, 60, 'failed(calls) < 10', true],
  [300, 60, 'amplification(calls, 0s..60s) < 1.005', true],
  [300, 60, 'amplification(calls, 0s..60s) < 1.1', false],
])('a stall of %d ms in a run of %d s can decide %s: %s', (ms, seconds, hypothesis, decides) => {
  const { check, lines } = run(seconds, hypothesis, stallOf('gateway', ms));
  expect(check.ok).toBe(!decides);
  if (decides) expect(check.finding).toContain(`gateway paused for ${ms}\u00a0ms`);
  if (decides) expect(check.meaning).toContain(hypothesis);
  expect(lines).toHaveLength(decides ? 0 : 1);
});

test.each(['generator', 'downstream'])('a stall of %s decides as much as one of the gateway', (process) => {
  expect(run(6, 'goodput(calls) > 0.995', stallOf(process, 50)).check.finding).toContain(process);
  expect(run(6, 'goodput(calls) > 0.95', stallOf(process, 50)).check.ok).toBe(true);
});

test('a gateway that used the CPU itself was saturated: a finding, which decides nothing', () => {
  const { check, lines } = run(6, 'goodput(calls) > 0.96', stallOf('gateway', 300, 250));
  expect(check.ok).toBe(true);
  expect(lines).toEqual([expect.stringContaining('gateway was saturated for 300\u00a0ms')]);
  expect(run(6, 'goodput(calls) > 0.96', stallOf('generator', 300, 250)).check.ok).toBe(false);
});

test('without a stall there is nothing to check and nothing to report', () => {
  const { check, lines } = run(6, 'goodput(calls) > 0.99', undefined);
  expect([check.ok, lines]).toEqual([true, []]);
});

// Goodput is 1 for `calls` and 0.9 for `fewer`. A stall of 550 ms affects 9.5 % of the requests of `calls`. During a
// stall of 400 ms, 4 of 600 requests of `fewer` failed. Only both stalls together can explain the difference of 10 %.
test('stalls of two variants that a hypothesis compares are checked together', () => {
  const oks = (...stalls: [ProcessStall | undefined, ProcessStall | undefined]) =>
    run(6, 'goodput(calls) > goodput(fewer)', ...stalls).checks.map(({ ok }) => ok);
  const [one, other] = [stallOf('gateway', 550), stallOf('downstream', 400)];
  expect(oks(one, undefined)).toEqual([true, true]);
  expect(oks(undefined, other)).toEqual([true, true]);
  expect(oks(stallOf('gateway', 400), other)).toEqual([true, true]);
  expect(oks(one, other)).toEqual([false, false]);
});

test('a stall can decide how many retries were refused', () => {
  // The gateway counted 31 refused retries.
  expect(run(6, 'refusedRetries(calls) < 40', stallOf('gateway', 300)).check.ok).toBe(false);
  expect(run(6, 'refusedRetries(calls) < 4000', stallOf('gateway', 300)).check.ok).toBe(true);
});

// A stall of 300 ms affects 30 of the first 300 requests.
test.each([
  ['goodput(calls, 0s..3s) >= goodput(calls, 3s..6s)', true],
  ['goodput(calls, 0s..3s) > 0.8 * goodput(calls, 3s..6s)', false],
  ['goodput(calls, 0s..3s) >= goodput(calls, 0s..3s)', false],
])('a stall in one of two parts of a variant can decide %s: %s', (hypothesis, decides) => {
  expect(run(6, hypothesis, stallOf('gateway', 300)).check.ok).toBe(!decides);
});

test.each([
  ['amplification(calls, 0s..6s) > 0.96', true],
  ['amplification(calls, 0s..6s) > 0.9', false],
])('a stall can decide %s, since requests may be refused without an attempt: %s', (hypothesis, decides) => {
  expect(run(6, hypothesis, stallOf('gateway', 300)).check.ok).toBe(!decides);
});

test.each([
  ['failed(calls) == 0', true],
  ['failed(calls) == 15', true],
  ['failed(calls) == 100', false],
])('a stall of 30 requests, of which some may have failed, can decide %s: %s', (hypothesis, decides) => {
  expect(run(6, hypothesis, stallOf('gateway', 300)).check.ok).toBe(!decides);
});
