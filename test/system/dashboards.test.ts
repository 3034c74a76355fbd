import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boards } from '#grafana/write.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import type { Result } from '#lab/result/result.ts';
import { run } from '#lab/runner/run.ts';
import { engines } from '#lab/testbed/engines.ts';
import { findPrometheus, prometheusCommand } from '#lab/testbed/local/commands.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import { startChild } from '#lab/testbed/process/launch.ts';
import type { LocalAddresses, Testbed } from '#lab/testbed/testbed.ts';
import { fill, questionsOf, variablesOf } from '#test/support/dashboards.ts';
import { Prometheus } from '#test/support/prometheus.ts';
import { until } from '#test/support/until.ts';

/** Queries of the dashboards that return nothing for this experiment, each with the reason. */
const empty: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'Overview > Latency > p50, {{path}}',
    'Overview > Latency > p99, {{path}}',
    'Experiment > Latency over time, p99 > p99, {{path}}',
    'Experiment > Latency around faults, p99 > before, {{path}} {{variant}}',
    'Experiment > Latency around faults, p99 > during, {{path}} {{variant}}',
    'Experiment > Latency around faults, p99 > after, {{path}} {{variant}}',
  ].map((where) => [where, 'a run tells its latencies in its report alone, other than a load without end']),
);

/** Experiment in which everything happens that dashboards show: retries, an open breaker, dead letters and so on. */
const text = `
title: All that the dashboards are to show
deadlineMs: 500
drainMs: 10000
connections: 100
warmup: { requests: 25, concurrency: 2 }
load:
  - { name: calm, arrivals: { kind: constant, ratePerSecond: 50, forMs: 4000 } }
  - { name: failures, arrivals: { kind: constant, ratePerSecond: 50, forMs: 6000 } }
  - { name: again calm, arrivals: { kind: constant, ratePerSecond: 50, forMs: 3000 } }
downstream: { model: { kind: fixed, latencyMs: 20 } }
variants:
  calls:
    path: rpc
    policies: &policies
      - retry: { maxRetries: 2, backoff: { kind: constant, delayMs: 20 } }
      - breaker: { window: { kind: count, size: 20 }, failures: 15, openMs: 200 }
      - bulkhead: { concurrency: 2, queue: 5 }
      - timeout: { ms: 100 }
  queue:
    path: event
    consumer: { concurrency: 4, redelivery: { maxRetries: 1, backoff: { kind: constant, delayMs: 20 } } }
    policies: *policies
faults:
  - { name: outage, atMs: 4000, forMs: 6000, target: downstream, fault: { kind: failure, ratio: 0.9 } }
`;

let testbed: Testbed & LocalAddresses;
let prometheus: Prometheus;
let startedAtS: number;
let result: Result;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  startedAtS = Date.now() / 1000;
  testbed = await startLocal({ logFolder: folder });
  testbed.guard.folder(folder);
  const logFile = join(folder, 'prometheus.log');
  const child = await startChild(
    prometheusCommand(findPrometheus()!, 0, testbed.control, folder, logFile),
    testbed.guard,
  );
  prometheus = new Prometheus(`http://127.0.0.1:${child.ports.traffic}`);
  // Waits until Prometheus scrapes all targets, which takes some seconds.
  await prometheus.seen(`count(up == 1) == ${Object.keys(testbed.control).length}`);
  result = await runAttached(folder);
}, 120_000);

afterAll(() => testbed?.stop());

/** Runs the experiment as `spillway run --engine attach` does. */
function runAttached(folder: string): Promise<Result> {
  const { control, traffic, natsUrl, natsCredentials } = testbed;
  const controls = Object.entries(control).map(([name, url]) => [`${name}-control`, url]);
  const urls = { ...traffic, nats: natsUrl, ...Object.fromEntries(controls) };
  const file = { experiment: parseExperiment(text, 'x.yaml'), name: 'x', file: 'x.yaml', source: text };
  return run(file, {
    folder,
    command: 'test',
    startTestbed: engines.attach({ urls, ownConsumer: false, natsCredentials }).start,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
}

describe('Prometheus has seen of an attached run', () => {
  /** Resolves with the values of a query for each second since the start, by the value of a label. */
  const course = async (label: string, expr: string): Promise<Record<string, number[]>> =>
    Object.fromEntries(
      (await prometheus.since(startedAtS, expr)).map(({ metric, values }) => [
        metric[label],
        values.map(([, value]) => Number(value)),
      ]),
    );

  test('every request that it offered, and how each ended', async () => {
    expect(result.errors).toEqual([]);
    for (const { path, offered, outcomes } of result.variants) {
      const ended = Object.entries(outcomes).filter(([, count]) => count > 0);
      const last = async (label: string, expr: string) =>
        Object.entries(await course(label, expr)).map(([name, values]) => [name, values.at(-1)]);
      await until(async () => {
        const seen = await last('outcome', `spillway_load_requests_total{path="${path}"} > 0`);
        return JSON.stringify(seen.toSorted()) === JSON.stringify(ended.toSorted());
      }, `all ends are seen: ${ended}`);
      expect(await last('path', `spillway_load_offered_total{path="${path}"}`)).toEqual([[path, offered]]);
    }
  });

  test('goodput, twice as high before the fault as during it, in each variant', async () => {
    const goodput = `rate(spillway_load_requests_total{outcome="ok"}[3s])
      / on (path) (rate(spillway_load_offered_total[3s]) > 0)`;
    const seenIn = (window: string) => {
      const factor = `on () group_left (variant) spillway:window:active{window="${window}", variant!=""}`;
      return course('variant', `(${goodput}) * ${factor}`);
    };
    const [before, during] = await Promise.all(['before', 'during'].map(seenIn));
    expect(Object.keys(before!).toSorted()).toEqual(['calls', 'queue']);
    expect(Object.keys(during!).toSorted()).toEqual(['calls', 'queue']);
    for (const [variant, values] of Object.entries(before!))
      expect(Math.max(...values)).toBeGreaterThan(2 * Math.min(...during![variant]!));
  });

  test('the fault, for about as long as it was active in both variants', async () => {
    const [fault, ...others] = await prometheus.since(startedAtS, 'spillway_fault_active');
    expect(others).toEqual([]);
    expect(fault?.metric).toMatchObject({ fault: 'outage', target: 'downstream', kind: 'failure' });
    expect(fault?.values.length).toBeGreaterThanOrEqual(9);
    expect(fault?.values.length).toBeLessThanOrEqual(15);
  });

  test('each variant and phase, one after the other, and none when the run was over', async () => {
    await until(async () => (await prometheus.now('spillway_run_variant')).length === 0, 'the run is over');
    const seen = await course('variant', 'spillway_run_variant');
    expect(Object.keys(seen).toSorted()).toEqual(['calls', 'queue']);
    expect(await prometheus.since(startedAtS, 'count(spillway_run_variant) > 1')).toEqual([]);
    const phases = Object.keys(await course('phase', 'spillway_load_phase'));
    expect(phases.toSorted()).toEqual(['again calm', 'calm', 'failures']);
  });
});

test('the dashboard of an experiment compares its variants by what the run says of them', async () => {
  const columns = questionsOf(boards.experiment!).filter(({ where }) => where.includes('Variants compared'));
  const seen = async (column: string): Promise<Record<string, number>> => {
    const { expr } = columns.find(({ where }) => where.endsWith(column))!;
    const range = `${Math.ceil(Date.now() / 1000 - startedAtS)}s`;
    const series = await prometheus.now(fill(expr, { range, interval: '1s' }));
    return Object.fromEntries(series.map(({ metric, values }) => [metric.variant, Number(values[0]![1])]));
  };
  const variants = (of: (variant: Result['variants'][number]) => number) =>
    Object.fromEntries(result.variants.map((variant) => [variant.name, of(variant)]));
  const goodputs = variants(({ goodput }) => goodput);
  await until(async () => isClose(await seen('Goodput'), goodputs), `goodput is ${JSON.stringify(goodputs)}`);
  const ratios = variants(({ offered, outcomes: { ok, late } }) => (offered - ok - late) / offered);
  expect(isClose(await seen('Error ratio'), ratios)).toBe(true);
  // Attempts and durations are attributed to the variant that is active.
  for (const column of ['Attempts per request', 'Duration, p99'])
    expect(Object.keys(await seen(column)).toSorted()).toEqual(['calls', 'queue']);
});

/** True if both have the same names, and numbers that differ only by rounding. */
const isClose = (seen: Record<string, number>, expected: Record<string, number>): boolean =>
  Object.keys(seen).toSorted().join() === Object.keys(expected).toSorted().join() &&
  Object.entries(expected).every(([name, value]) => Math.abs(seen[name]! - value) < 1e-6);

const isNumber = ([, value]: readonly [number, string]) => value !== 'NaN';

describe.each(Object.entries(boards))('the dashboard %s, asked of a testbed', (_name, board) => {
  test.each(questionsOf(board).map((question) => [question.where, question] as const))(
    '%s',
    async (where, { expr, isInstant }) => {
      const range = `${Math.ceil(Date.now() / 1000 - startedAtS)}s`;
      const query = fill(expr, { rateInterval: '4s', range, interval: '1s' });
      const ask = async () => {
        const series = await (isInstant ? prometheus.now(query) : prometheus.since(startedAtS, query));
        return series.filter(({ values }) => values.some(isNumber));
      };
      if (where in empty) expect(await ask()).toEqual([]);
      else await until(async () => (await ask()).length > 0, `there is something for ${query}`);
    },
  );

  test.each(variablesOf(board))('the variable $name', async ({ metric, label }) => {
    expect(await prometheus.labelValues(label, fill(metric))).not.toEqual([]);
  });
});

test('only queries that there are may be empty', () => {
  const places = Object.values(boards).flatMap((board) => questionsOf(board).map(({ where }) => where));
  expect(Object.keys(empty).filter((where) => !places.includes(where))).toEqual([]);
});
