import { expect, test } from 'vitest';
import { reasons } from '#lab/analysis/hypotheses/reasons.ts';
import type { VariantResult } from '#lab/result/result.ts';
import { measured } from '#test/fixtures/measured.ts';
import { percentiles } from '#test/fixtures/variant.ts';

const process = (name: string, loopDelayP99Ms: number, more: object = {}) => ({
  name,
  loopDelayP99Ms,
  cpuMs: 1,
  saturated: false,
  restarted: false,
  ...more,
});
const self: VariantResult['self'] = {
  lag: percentiles(2000, 0.6, 3.4),
  sleepExcess: percentiles(2000, 0.7, 4.2),
  processes: [process('generator', 3.4), process('consumer', 2.1), process('publisher', 18)],
};
const { outcomes, series } = measured;
const took = { fromMs: 1000, untilMs: 1720 };
const crash = { name: 'crash', target: 'gateway', done: 'killed', onPath: true, asked: took, took };
const step = { ...series, tMs: [0, 50, 100], offered: [4000, null, 2000] };

const of = (change: Partial<VariantResult>) =>
  reasons({ ...measured, self, ...change }).replaceAll('\u00a0', ' ');

test.each<[string, Partial<VariantResult>, string]>([
  [
    'how late each event loop ran, below saturation, too, the latest first',
    {},
    'Event loops ran late (p99): publisher 18 ms, consumer 2.1 ms; none was saturated.',
  ],
  [
    'which of them was saturated',
    {
      self: { ...self, processes: [process('gateway', 96.2, { saturated: true }), process('downstream', 5)] },
    },
    'Event loops ran late (p99): gateway 96.2 ms (saturated), downstream 5 ms. Req',
  ],
  ['how late requests were sent', {}, 'Requests were sent up to 3.4 ms late (p99). '],
  [
    'that the generator was saturated',
    { self: { ...self, processes: [process('generator', 37, { saturated: true })] } },
    'Requests were sent up to 3.4 ms late (p99): the generator was saturated.',
  ],
  [
    'how much longer than its model an attempt took',
    { self: { ...self, attempt: { meanMs: 13.2, modelledMs: 11 } } },
    'An attempt took 13.2 ms on average, and 11 ms in the model: each slot therefore completed 17 % less.',
  ],
  ['how long downstream overslept', {}, 'Downstream slept up to 4.2 ms longer than its model says (p99).'],
  [
    'when the breaker opened, how many had come due by then, and what was refused',
    { series: { ...step, breaker: [0, null, 2] }, outcomes: { ...outcomes, rejected: 900 } },
    'The breaker was first seen open within 150 ms, when 300 of 2,000 requests had come due; 45 % were refused.',
  ],
  [
    'that the breaker never opened',
    { series: { ...step, breaker: [0, null, 1] } },
    'The breaker was never seen open.',
  ],
  ['what was broken on purpose', { faults: [crash] }, 'gateway was killed from 1 s to 1.72 s.'],
  [
    'how many attempts timed out',
    { attemptTimeouts: 119 },
    '119 calls were cut off by a timeout or a deadline, at 3,315 attempts in all.',
  ],
  [
    'ends that nobody predicts',
    { outcomes: { ...outcomes, unknown: 12 } },
    '12 of 2,000 requests were unknown.',
  ],
  ['the one that was lost', { lost: 1 }, '1 accepted event was lost.'],
  [
    'that counts are missing',
    { self: { ...self, processes: [process('consumer', 2, { restarted: true })] } },
    'consumer was restarted: what it counted in its last moments is missing.',
  ],
])('reasons say %s', (_, change, text) => {
  expect(of(change)).toContain(text);
});

test('reasons leave out what was not measured or did not happen', () => {
  const attempt = { meanMs: 13.2, modelledMs: 11 };
  expect(of({ self: { ...self, attempt }, attemptTimeouts: 1 })).not.toContain('An attempt took');
  const nothing = { self: { ...self, sleepExcess: null, processes: [] }, attemptTimeouts: 0 };
  expect(of(nothing)).toBe('Requests were sent up to 3.4 ms late (p99).');
});
