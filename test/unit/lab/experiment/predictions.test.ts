import { describe, expect, test } from 'vitest';
import type { Predicted } from '#lab/experiment/predicted.ts';
import { comparePredictions } from '#lab/experiment/predictions.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import type { VariantResult } from '#lab/result.ts';
import { measured } from '#test/fixtures/measured.ts';
import { percentiles } from '#test/fixtures/variant.ts';

/** What is predicted beside what was measured, in an experiment with a deadline of 2 s. */
function compare(predicted: Predicted, change: Partial<VariantResult> = {}, fields = '') {
  const text = `
title: predictions
deadlineMs: 2000
load: [{ arrivals: { kind: constant, ratePerSecond: 1, forMs: 1000 } }]
variants: { events-48: { path: event, predicted: ${JSON.stringify(predicted)} } }
${fields}`;
  return comparePredictions(parseExperiment(text, 'x.yaml'), { ...measured, ...change });
}

describe('comparePredictions', () => {
  test.each<[Predicted, boolean, string]>([
    [{ completed: 1761 }, true, '±10 %'],
    [{ completed: 1760 }, false, '±10 %'],
    [{ errors: 163 }, true, '±100'],
    [{ errors: 164 }, false, '±100'],
    [{ retries: 1196 }, true, '±10 %'],
    [{ retries: 1195 }, false, '±10 %'],
    [{ attemptTimeouts: 0 }, true, '±100'],
    [{ amplification: 1.51 }, true, '±10 %'],
    [{ amplification: 1.5 }, false, '±10 %'],
    [{ p50Ms: 1497 }, true, '±10 %'],
    [{ p50Ms: 1496 }, false, '±10 %'],
    [{ goodput: { '1s': 0.25 } }, true, '±5 points'],
    [{ goodput: { '1s': 0.249 } }, false, '±5 points'],
    [{ goodput: { '1s': 0.351 } }, false, '±5 points'],
  ])('allows %o its tolerance and no more: %s, %s', (predicted, ok, tolerance) => {
    const [row] = compare(predicted);
    expect(row?.ok).toBe(ok);
    expect(row?.tolerance).toBe(tolerance);
    expect(row?.why === '').toBe(ok);
  });

  test('names each figure as the experiment does, goodput with its deadline in ms, in the order of the file', () => {
    const rows = compare({ completed: 1937, p99Ms: 3675, goodput: { '250ms': 0.07, '1s': 0.3 } });
    expect(rows.map(({ metric, predicted, measured }) => [metric, predicted, measured])).toEqual([
      ['completed', 1937, 1937],
      ['p99Ms', 3675, 3675],
      ['goodput250Ms', 0.07, 0.07],
      ['goodput1000Ms', 0.3, 0.3],
    ]);
  });

  test("takes the experiment's own tolerance", () => {
    const fields = 'tolerance: { countRatio: 0.5, latencyRatio: 0.001, goodput: 0.01 }';
    const predicted = { retries: 1000, p50Ms: 1650, goodput: { '1s': 0.289 } };
    const rows = compare(predicted, {}, fields);
    expect(rows.map(({ ok, tolerance }) => [ok, tolerance])).toEqual([
      [true, '±50 %'],
      [false, '±0.1 %'],
      [false, '±1 point'],
    ]);
  });

  test('says nothing where nothing was predicted', () => {
    expect(compare({})).toEqual([]);
    expect(compare({ ok: 1 }, { name: 'another' })).toEqual([]);
  });

  test('takes what was not measured for a difference', () => {
    const rows = compare({ p50Ms: 0, goodput: { '3s': 0 } }, { latency: null });
    for (const row of rows)
      expect(row).toMatchObject({ ok: false, measured: null, why: /nothing to compare/ });
  });
});

describe('comparePredictions says why, from measurements', () => {
  const whyOf = (change: Partial<VariantResult>, fields?: string) =>
    compare({ ok: 0 }, change, fields)[0]?.why.replaceAll('\u00a0', ' ');
  const { outcomes } = measured;
  const self = {
    ...measured.self,
    lag: percentiles(2000, 0.6, 3.4),
    sleepExcess: percentiles(2000, 0.7, 4.2),
  };
  const saturated = [{ name: 'consumer', loopDelayP99Ms: 96.2, cpuMs: 1, saturated: true, restarted: false }];

  test.each<[string, Partial<VariantResult>, string]>([
    [
      'saturation',
      { self: { ...self, processes: [...self.processes, ...saturated] } },
      'consumer was saturated: its event loop was 96.2 ms late (p99).',
    ],
    [
      'lag',
      { self: { ...self, lag: percentiles(2000, 1, 37) } },
      'Requests were sent up to 37 ms late (p99).',
    ],
    [
      'sleep',
      { self: { ...self, sleepExcess: percentiles(2000, 1, 22) } },
      'Downstream slept 22 ms longer than its model says (p99).',
    ],
    ['outcomes', { outcomes: { ...outcomes, unknown: 12 } }, '12 of 2,000 requests were unknown.'],
    ['loss', { lost: 4 }, '4 accepted events were lost.'],
    [
      'a restart',
      { self: { ...self, processes: [{ ...saturated[0]!, saturated: false, restarted: true }] } },
      'consumer was restarted: what it counted in its last moments is missing.',
    ],
    [
      'nothing wrong',
      { self },
      'No process was saturated; requests were sent up to 3.4 ms late (p99), downstream slept up to 4.2 ms longer than its model says (p99), and each took 1.66 attempts.',
    ],
    [
      'nothing wrong and no sleep measured',
      { self: { ...self, sleepExcess: null } },
      'No process was saturated; requests were sent up to 3.4 ms late (p99), and each took 1.66 attempts.',
    ],
  ])('%s', (_case, change, why) => {
    expect(whyOf(change)).toBe(why);
  });

  test('every reason there is', () => {
    const all = { self: { ...self, lag: percentiles(2000, 1, 37), processes: saturated }, lost: 1 };
    expect(whyOf(all)).toMatch(/^consumer was saturated.*\. Requests were sent.*\. 1 accepted/);
  });

  test("no lag below the experiment's own limit", () => {
    const late = { self: { ...self, lag: percentiles(2000, 1, 37) } };
    expect(whyOf(late, 'validity: { lagP99Ms: 40, reason: a test }')).toMatch(/^No process was saturated/);
  });
});
