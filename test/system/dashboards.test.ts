import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boards } from '#grafana/boards.ts';
import { Control } from '#lab/control.ts';
import { startLocal } from '#lab/engine/local.ts';
import { findPrometheus, prometheusCommand } from '#lab/engine/prometheus.ts';
import type { LocalAddresses, ServiceName, Testbed } from '#lab/engine/testbed.ts';
import { startChild } from '#lab/process/child.ts';
import { fill, questionsOf, variablesOf } from '#test/support/dashboards.ts';
import { type ObservedLoad, observedLoad } from '#test/support/observed-load.ts';
import { Prometheus } from '#test/support/prometheus.ts';
import { until } from '#test/support/until.ts';

/** What returns nothing from a testbed in which all of this happened, with the reason. */
const empty: Readonly<Record<string, string>> = {};

let testbed: Testbed & LocalAddresses;
let load: ObservedLoad;
let prometheus: Prometheus;
let startedAtS: number;

const healthy = { model: { kind: 'fixed', latencyMs: 20 } };
const failing = { model: { kind: 'fixed', latencyMs: 20, failureRatio: 0.9 } };

/** Everything that the dashboards are to show: retries, refusals, a breaker that opens, redeliveries, dead letters. */
async function happen(): Promise<void> {
  const configure = async (name: ServiceName, config: object) => {
    const control = new Control(name, testbed.control[name]);
    await control.configure(config).finally(() => control.close());
  };
  const backoff = { kind: 'constant', delayMs: 20 };
  const policies = [
    { retry: { maxRetries: 2, backoff } },
    { breaker: { window: { kind: 'count', size: 20 }, failures: 15, openMs: 200 } },
    { bulkhead: { concurrency: 2, queue: 5 } },
    { timeout: { ms: 100 } },
  ];
  await configure('downstream', healthy);
  await configure('gateway', { policies });
  await configure('consumer', { policies, concurrency: 4, redelivery: { maxRetries: 1, backoff } });
  load.fault(false);
  load.enter('calm');
  load.offer(50);
  await prometheus.seen('sum by (path) (rate(spillway_load_requests_total{outcome="ok"}[4s])) > 0');
  await lasted('before');

  await configure('downstream', failing);
  load.fault(true);
  load.enter('failures');
  await prometheus.seen('spillway_breaker_state{job="gateway"} == 2');
  await prometheus.seen('rate(spillway_dead_letters_total[4s]) > 0');
  await prometheus.seen('ALERTS{alertstate="firing"}');
  await lasted('during');

  await configure('downstream', healthy);
  load.fault(false);
  load.enter('again calm');
  await lasted('after');
}

/** Resolves when a window is so long that a query finds instants in it. */
const lasted = (window: string) =>
  prometheus.seen(`count_over_time(spillway:window:active{window="${window}"}[1m]) >= 3`);

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  startedAtS = Date.now() / 1000;
  testbed = await startLocal({ logFolder: folder });
  testbed.guard.folder(folder);
  load = await observedLoad(testbed);
  const targets = { ...testbed.control, load: load.url };
  const logFile = join(folder, 'prometheus.log');
  const child = await startChild(
    prometheusCommand(findPrometheus()!, 0, targets, folder, logFile),
    testbed.guard,
  );
  prometheus = new Prometheus(`http://127.0.0.1:${child.ports.traffic}`);
  await happen();
});

afterAll(async () => {
  await load?.stop();
  await testbed?.stop();
});

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
