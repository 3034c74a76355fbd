import { describe, expect, test } from 'vitest';
import { catalogue, type MetricName, Metrics } from '#kit/metrics.ts';
import { trackProcess } from '#kit/process/process-metrics.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { parseMetrics } from '#lab/evidence/samples.ts';

describe('the catalogue', () => {
  const entries = Object.entries(catalogue) as [
    MetricName,
    { type: string; help: string; labels: string[]; buckets?: number[] },
  ][];

  test.each(entries)('%s keeps the rules of Prometheus', (name, { type, help, labels, buckets = [] }) => {
    expect(name).toMatch(/^(spillway|toxiproxy)_[a-z][a-z_]*[a-z]$/);
    expect(name.endsWith('_total')).toBe(type === 'counter');
    // A name has a base unit, such as seconds, at its end or before the `_total` of a counter.
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|kilobytes|mb|percent|ratio_percent)(_|$)/);
    if (type === 'histogram') expect(name).toMatch(/_(seconds|bytes)$/);
    expect(help).toMatch(/^[A-Z0-9].*\.$/);
    for (const label of labels) expect(label).toMatch(/^[a-z][a-z_]*$/);
    expect(labels.filter((label) => /^(id|request|request_id|le|url)$/.test(label))).toEqual([]);
    // The label `path` is `rpc` or `event`, never the path of a URL.
    if (!name.startsWith('spillway_load_')) expect(labels).not.toContain('path');
    // No bound of a bucket is a whole number, since Prometheus 3 rewrites these: `1` becomes `1.0`.
    expect(buckets.filter(Number.isInteger)).toEqual([]);
    expect(buckets).toEqual(buckets.toSorted((a, b) => a - b));
    expect(type === 'histogram').toBe(buckets.length > 0);
  });
});

describe('Metrics', () => {
  test('takes name, help and labels from the catalogue', async () => {
    const metrics = new Metrics();
    metrics.counter('spillway_requests_total').inc({ outcome: 'ok' }, 3);
    expect(await metrics.text()).toBe(
      '# HELP spillway_requests_total Requests answered, by outcome.\n' +
        '# TYPE spillway_requests_total counter\nspillway_requests_total{outcome="ok"} 3\n',
    );
  });

  test('values has the series and values of the text', async () => {
    const metrics = new Metrics();
    metrics.counter('spillway_retries_total').inc(2.5);
    metrics.counter('spillway_requests_total').inc({ outcome: 'a "b" \\n\n' });
    metrics.gauge('spillway_work_in_flight', () => 3);
    metrics.histogram('spillway_request_duration_seconds').observe({ outcome: 'ok' }, 0.2);
    metrics.histogram('spillway_attempt_duration_seconds').observe(0.2);
    expect([...(await metrics.values())]).toEqual([...parseMetrics(await metrics.text())]);
    const some = ['spillway_work_in_flight', 'spillway_backoff_seconds', 'spillway_retries_total'];
    expect([...(await metrics.values(some))]).toEqual([...parseMetrics(await metrics.text(some))]);
  });

  test('refuses labels that are not in the catalogue', () => {
    const requests = new Metrics().counter('spillway_requests_total');
    expect(() => requests.inc({ id: 'r1' })).toThrow(/label/);
  });

  test('collects gauges at each scrape, and only those asked for', async () => {
    const metrics = new Metrics();
    const collected: string[] = [];
    metrics.gauge('spillway_work_in_flight', () => collected.push('work'));
    metrics.gauge('spillway_breaker_state', () => collected.push('breaker'));
    expect(await metrics.text(['spillway_work_in_flight'])).toContain('spillway_work_in_flight 1\n');
    expect(await metrics.text(['spillway_work_in_flight'])).toContain('spillway_work_in_flight 2\n');
    expect(collected).toEqual(['work', 'work']);
  });
});

test('trackProcess samples how late timers run, until it is stopped', async () => {
  const clock = new VirtualClock();
  const metrics = new Metrics();
  const loop = trackProcess(metrics, clock);
  await clock.advance(100);
  expect(await metrics.text()).toContain('spillway_event_loop_delay_seconds_count 5\n');
  expect(await metrics.text()).toContain('process_cpu_seconds_total');
  loop.stop();
  expect(clock.pending).toBe(0);
});
