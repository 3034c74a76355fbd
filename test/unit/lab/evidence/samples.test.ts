import { expect, test } from 'vitest';
import { byLabel, type Samples, together } from '#lab/evidence/samples.ts';

const says = (...samples: [series: string, value: number][]): Samples => new Map(samples);

test.each<[string, string, number[], number]>([
  ['counters, the sum', 'spillway_requests_total{outcome="ok"}', [3, 4, 5], 12],
  ['histograms, the sum', 'spillway_attempt_duration_seconds_bucket{le="0.0025"}', [3, 4, 5], 12],
  ['gauges of work, the sum', 'spillway_work_in_flight', [3, 4, 5], 12],
  ['metrics of Node, the sum', 'process_cpu_seconds_total', [3, 4, 5], 12],
  ['breakers, the highest', 'spillway_breaker_state', [0, 2, 1], 2],
  ['retry budgets, the least', 'spillway_retry_budget', [7, 0, 3], 0],
  ['what all see of the broker, the highest', 'spillway_stream_messages', [8, 9, 8], 9],
  [
    'one who does not know the backlog, that of those who do',
    'spillway_stream_messages',
    [8, Number.NaN, 9],
    9,
  ],
  ['one who does not know it first, likewise', 'spillway_stream_messages', [Number.NaN, 8], 8],
])('together is, of %s', (_what, series, values, expected) => {
  expect([...together(values.map((value) => says([series, value])))]).toEqual([[series, expected]]);
});

test('byLabel sums a metric by the value of a label, and leaves out other metrics and zeros', () => {
  const samples = says(
    ['spillway_load_requests_total{path="rpc",outcome="ok"}', 1],
    ['spillway_load_requests_total{path="event",outcome="ok"}', 2],
    ['spillway_load_requests_total{path="event",outcome="dead"}', 0],
    ['spillway_requests_total{outcome="late"}', 4],
  );
  expect(byLabel(samples, 'spillway_load_requests_total', 'outcome')).toEqual({ ok: 3 });
});
