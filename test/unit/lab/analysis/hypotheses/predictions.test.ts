import { describe, expect, test } from 'vitest';
import { comparePredictions, reasons } from '#lab/analysis/hypotheses/predictions.ts';
import type { MetricName } from '#lab/experiment/hypothesis/metrics.ts';
import type { Predicted } from '#lab/experiment/predicted.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import type { VariantResult } from '#lab/result/result.ts';
import { measured, recovered } from '#test/fixtures/measured.ts';
import { percentiles } from '#test/fixtures/variant.ts';

/** Compares predictions with a measurement, in an experiment with a deadline of 2 s. */
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
    [{ errors: 78 }, true, '±17.7'],
    [{ errors: 82 }, false, '±18.1'],
    [{ errors: 49 }, true, '±14'],
    [{ errors: 48 }, false, '±13.9'],
    [{ completed: 400 }, false, '±40'],
    [{ dropped: 1 }, true, '±2'],
    [{ dropped: 0 }, true, '±0'],
    [{ retries: 1196 }, true, '±10 %'],
    [{ retries: 1195 }, false, '±10 %'],
    [{ retries: 401 }, false, '±10 %'],
    [{ duplicates: 399 }, false, '±39.9'],
    [{ duplicates: 100 }, false, '±20'],
    [{ attemptTimeouts: 0 }, true, '±0'],
    [{ attemptTimeouts: 1 }, true, '±2'],
    [{ attemptTimeouts: 4 }, true, '±4'],
    [{ attemptTimeouts: 5 }, false, '±4.47'],
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
    const why = expect.stringContaining('No measured value');
    for (const row of rows) expect(row).toMatchObject({ ok: false, measured: null, why });
  });
});

test('comparePredictions says why where a figure differs, and where there is none', () => {
  const why = /^Event loops ran late/;
  expect(compare({ ok: 2000 })[0]?.why).toMatch(why);
  expect(compare({ p50Ms: 1 }, { latency: null })[0]?.why).toMatch(
    /^No measured value to compare with\. Event/,
  );
});

test('comparePredictions sets a part of the run beside what was measured of it, in the unit of the metric', () => {
  const part = { ...measured, span: { fromMs: 0, untilMs: 9 }, offered: 10, goodput: 0.52, attempts: 12 };
  const recovery = { ...recovered, timeMs: null, atLeastMs: 900, drainMs: 7800 };
  const windows = [
    { ...part, name: 'during crash', amplification: 1.2, unreported: 0 },
    { ...part, name: 'after crash', recovery: { ...recovery, metastable: null } },
  ];
  const predicted = {
    'timeToDrain(after crash)': '8s',
    'goodput(during crash)': '60%',
    'amplification(during crash)': 1.2,
    'timeToRecover(after crash)': '1s', // the measurement is "at least 0.9 s"
  };
  const faults = 'faults: [{ name: crash, atMs: 1, forMs: 1, target: consumer, fault: { kind: kill } }]';
  const rows = compare(predicted, { windows }, faults);
  expect(rows.map(({ why, ...row }) => row)).toEqual([
    { metric: 'timeToDrain(after crash)', predicted: 8000, measured: 7800, ok: true, tolerance: '±10 %' },
    { metric: 'goodput(during crash)', predicted: 0.6, measured: 0.52, ok: false, tolerance: '±5 points' },
    { metric: 'amplification(during crash)', predicted: 1.2, measured: 1.2, ok: true, tolerance: '±10 %' },
    { metric: 'timeToRecover(after crash)', predicted: 1000, measured: null, ok: false, tolerance: '±10 %' },
  ]);
});

test('comparePredictions says what is known where a part was not measured, or only the least of it', () => {
  const part = { ...measured, name: 'after crash', span: { fromMs: 0, untilMs: 9 }, attempts: 12 };
  const recovery = { ...recovered, timeMs: null, reported: false, atLeastMs: 14_000, metastable: null };
  const windows = [{ ...part, amplification: 1.2, unreported: 0, recovery }];
  const predicted = { 'timeToRecover(after crash)': '1s', 'goodput(before crash)': 1 };
  const faults = 'faults: [{ name: crash, atMs: 1, forMs: 1, target: consumer, fault: { kind: kill } }]';
  const said = compare(predicted, { windows }, faults).map(({ why }) => why.replace(/ Event.*/, ''));
  expect(said).toEqual([
    'Only the least is known: 14\u00a0s.',
    'No measured value to compare with: there was no before crash in events-48.',
  ]);
});

test.each<[Predicted, boolean, string]>([
  [{ completed: [1500, 1761] }, true, '±10 %'],
  [{ completed: [1500, 1760] }, false, '±10 %'],
  [{ completed: [2152, 3000] }, true, '±10 %'],
  [{ completed: [2153, 3000] }, false, '±10 %'],
  [{ errors: [9, 49] }, true, '±6 and ±14'],
  [{ errors: [9, 48] }, false, '±6 and ±13.9'],
  [{ goodput: { '1s': [0.35, 0.4] } }, true, '±5 points'],
  [{ goodput: { '1s': [0.351, 0.4] } }, false, '±5 points'],
])('comparePredictions allows the tolerance beyond each end of a range: %o', (predicted, ok, tolerance) => {
  const [row] = compare(predicted);
  const [[low, high] = []] = Object.values(predicted.goodput ?? predicted) as number[][];
  expect(row).toMatchObject({ predicted: low, predictedMax: high, ok, tolerance });
});

test('comparePredictions takes the tolerance of a figure that has its own', () => {
  const within = { duplicates: 0.1, amplification: 0.2 };
  const rows = compare({ duplicates: 60, amplification: 1.6, errors: 60, within });
  expect(rows.map(({ metric, tolerance }) => [metric, tolerance])).toEqual([
    ['duplicates', '±10 %'],
    ['amplification', '±20 %'],
    ['errors', '±15.5'], // two standard errors, the default
  ]);
});

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
const crash = { name: 'crash', target: 'gateway', state: 'killed', onPath: true, asked: took, took };
const with37 = { ...self, processes: [process('generator', 37, { saturated: true })] };
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
  ['a saturated generator', { self: with37 }, 'sent up to 3.4 ms late (p99): the generator was saturated.'],
  [
    'how much longer than its model an attempt took',
    { self: { ...self, attempt: { meanMs: 13.2, modelledMs: 11 } } },
    'An attempt took 13.2 ms on average, and 11 ms in the model: each slot therefore completed 17 % less.',
  ],
  ['how long downstream overslept', {}, 'Downstream slept up to 4.2 ms longer than its model says (p99).'],
  [
    'the time at which the breaker opened, the requests scheduled by then, and the share refused',
    { series: { ...step, breaker: [0, null, 2] }, outcomes: { ...outcomes, rejected: 900 } },
    'The breaker was first seen open within 150 ms, when 300 of 2,000 requests were scheduled; 45 % were refused.',
  ],
  ['that the breaker never opened', { series: { ...step, breaker: [0, null, 1] } }, 'was never seen open.'],
  ['the injected faults', { faults: [crash] }, 'gateway was killed from 1 s to 1.72 s.'],
  [
    'timeouts, and how many attempts the faults affected',
    { attemptTimeouts: 119, faults: [{ ...crash, affected: 124 }] },
    '119 of 3,315 attempts were cut off by a timeout or a deadline. The fault crash affected 124 attempts.',
  ],
  ['other outcomes', { outcomes: { ...outcomes, unknown: 12 } }, '12 of 2,000 requests were unknown.'],
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

/** Returns sentences that explain why `metric` was more, or less, than predicted. */
const explain = (change: Partial<VariantResult>, metric: MetricName, isMore: boolean) =>
  reasons({ ...measured, self, ...change }, { metric, isMore });

const overhead = { self: { ...self, attempt: { meanMs: 13.2, modelledMs: 11 } } };
const crashed = { self: { ...self, processes: [process('consumer', 2, { restarted: true })] } };
const neverOpen = { series: { ...step, breaker: [0, null, 1] } };
const unsent = { outcomes: { ...outcomes, unsent: 12 } };

test.each<[string, MetricName, 'more' | 'less', RegExp, Partial<VariantResult>]>([
  ['the overhead of attempts', 'completed', 'less', /An attempt took/, overhead],
  ['the overhead of attempts', 'goodput', 'less', /An attempt took/, overhead],
  ['the overhead of attempts', 'p99', 'more', /An attempt took/, overhead],
  ['the overhead of attempts', 'rejected', 'more', /An attempt took/, overhead],
  ['late event loops', 'ok', 'less', /Event loops ran late/, {}],
  ['late event loops', 'timeToDrain', 'more', /Event loops ran late/, {}],
  ['late sends', 'ok', 'less', /Requests were sent/, {}],
  ['late sends', 'mean', 'more', /Requests were sent/, {}],
  ['sleep beyond the model', 'goodput', 'less', /Downstream slept/, {}],
  ['sleep beyond the model', 'p50', 'more', /Downstream slept/, {}],
  ['requests without an end', 'completed', 'less', /were unsent/, unsent],
  ['requests without an end', 'unsent', 'more', /were unsent/, unsent],
  ['lost events', 'completed', 'less', /were lost/, { lost: 3 }],
  ['lost events', 'lost', 'more', /were lost/, { lost: 3 }],
  ['missing counts', 'attempts', 'less', /was restarted/, crashed],
  ['a closed breaker', 'rejected', 'less', /never seen open/, neverOpen],
])(
  'reasons name %s if %s is %s than predicted, and not the reverse',
  (_, metric, direction, text, change) => {
    const isMore = direction === 'more';
    expect(explain(change, metric, isMore)).toMatch(text);
    expect(explain(change, metric, !isMore)).not.toMatch(text);
  },
);

test('reasons take what works both ways for either difference', () => {
  for (const isMore of [true, false]) {
    expect(explain(overhead, 'retries', isMore)).toContain('An attempt took');
    const busy = (name: string) => ({
      self: { ...self, processes: [process(name, 96.2, { saturated: true })] },
    });
    expect(explain(busy('gateway'), 'ok', isMore)).toContain('(saturated)');
    expect(explain(busy('generator'), 'ok', isMore)).toContain('the generator was saturated');
  }
});

test('reasons name a fault only if it was off its time, since the forecast includes it', () => {
  const tookUntil = (untilMs: number) =>
    explain({ faults: [{ ...crash, took: { fromMs: 1000, untilMs } }] }, 'ok', false).replaceAll(
      '\u00a0',
      ' ',
    );
  expect(tookUntil(1791)).not.toContain('killed');
  expect(tookUntil(1792)).toContain('gateway was killed from 1 s to 1.79 s instead of from 1 s to 1.72 s.');
});

test('reasons name no delays in a simulation, where they are 0 or a rounding error', () => {
  const simulated = {
    lag: percentiles(2000, 0, 0),
    sleepExcess: percentiles(2000, 1e-13, 1e-13),
    attempt: { meanMs: 11 + 1e-12, modelledMs: 11 },
    processes: [process('generator', 0), process('consumer', 0)],
  };
  expect(of({ self: simulated, attemptTimeouts: 0 })).toBe('');
});

test('comparePredictions admits that no measurement explains a difference', () => {
  const [more, less] = [{ ok: 0 }, { ok: 2000 }].map((predicted) => compare(predicted, { self })[0]?.why);
  expect(more).toBe('No measurement explains it.');
  expect(less).toContain('Event loops ran late');
});
