import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { boards } from '#grafana/write.ts';
import { constant, countedExperiment, fault, onPath } from '#test/fixtures/counted.ts';
import { fill, questionsOf } from '#test/support/dashboards.ts';
import { docker } from '#test/support/docker/command.ts';
import { patiently } from '#test/support/docker/patiently.ts';
import type { Project } from '#test/support/docker/project.ts';
import { root } from '#test/support/docker/versions.ts';
import { testFolder } from '#test/support/folder.ts';
import { Prometheus } from '#test/support/prometheus.ts';
import { metric } from './control.ts';

/** Queries of the dashboards that return nothing without an experiment, each with the reason. */
const empty: Readonly<Record<string, string>> = {
  'Experiment > Variants > {{variant}}': 'only an experiment has variants',
};

const experimentOf = (forMs: number, faults: readonly object[] = []) =>
  countedExperiment({
    load: constant(50, forMs),
    downstream: { model: { kind: 'fixed', latencyMs: 10 } },
    variants: { calls: onPath('rpc', 2000), events: onPath('event', 2000) },
    faults,
  });

/** Defines tests of the Prometheus of a running project. */
export function isWatched(project: Project): void {
  const prometheus = async () => new Prometheus(await project.url('prometheus', 9090));
  const ask = (service: string, ...request: string[]) =>
    project.exec(service, ['node', 'docker/control.cjs', ...request]);
  const put = (service: string, path: string, body: object) =>
    ask(service, 'PUT', path, JSON.stringify(body));
  const get = async (service: string) => JSON.parse(await ask(service, 'GET', '/config'));

  test('every query of the dashboards finds something once things have gone wrong for a while', async () => {
    const before = await Promise.all(['gateway', 'consumer'].map(get));
    const breaker = { breaker: { window: { kind: 'count', size: 20 }, failures: 15, openMs: 200 } };
    const policies = [{ retry: { maxRetries: 2 } }, breaker, { bulkhead: { concurrency: 2 } }];
    await put('gateway', '/config', { policies });
    await put('consumer', '/config', { policies, redelivery: { maxRetries: 1 } });
    await put('downstream', '/faults/outage', { leaseMs: 15_000, fault: { kind: 'failure', ratio: 0.9 } });

    const asked = await prometheus();
    const startS = Date.now() / 1000 - 30;
    const finds = async (expr: string, isInstant: boolean) => {
      const range = `${Math.ceil(Date.now() / 1000 - startS)}s`;
      const query = fill(expr, { rateInterval: '4s', range, interval: '1s' });
      const series = await (isInstant ? asked.now(query) : asked.since(startS, query));
      return series.some(({ values }) => values.some(([, value]) => value !== 'NaN'));
    };
    let open = Object.values(boards).flatMap(questionsOf);
    const names = () => open.map(({ where }) => where).toSorted();
    await patiently(async () => {
      const found = await Promise.all(open.map(({ expr, isInstant }) => finds(expr, isInstant)));
      open = open.filter((_, index) => !found[index]);
      return open.every(({ where }) => where in empty);
    }, 'all is found').catch(() => undefined);
    expect(names()).toEqual(Object.keys(empty).toSorted());
    await put('gateway', '/config', before[0]);
    await put('consumer', '/config', before[1]);
    await ask('downstream', 'DELETE', '/faults');
  });

  /** Returns a folder of runs with an experiment. */
  const folderWith = (text: string) => {
    const folder = testFolder();
    writeFileSync(join(folder, 'x.yaml'), text);
    return folder;
  };
  const isTide = () => metric(project, 'load', 'spillway_load_phase').then((phases) => phases === 1);

  test('an experiment on it is seen, by the command of docs/how-to/watch.md, and the tide begins again', async () => {
    const folder = folderWith(experimentOf(2000));
    const page = readFileSync(`${root}docs/how-to/watch.md`, 'utf8');
    const [command = ''] = /docker compose run --rm lab run /.exec(page)!;
    const said = await project.shell(`export RUNS=${folder}; ${command} runs/x.yaml`);
    expect(said).toMatch(/Report: runs\/x\/.*\nexit 0/);
    const seen = async (name: string) => {
      const query = `count by (variant) (last_over_time(${name}{variant!=""}[5m]))`;
      return (await (await prometheus()).now(query)).length === 2;
    };
    for (const name of ['spillway_run_variant', 'spillway_load_latency_seconds_count'])
      await patiently(() => seen(name), `Prometheus has seen ${name} of both variants`);
    expect(await isTide()).toBe(true);
  });

  test('nothing stays of an experiment whose container was killed', async () => {
    const slow = fault('own', 'downstream', [0, 20_000], 'latency', { added: { kind: 'fixed', ms: 100 } });
    const env = { RUNS: folderWith(experimentOf(60_000, [slow])) };
    const hasFault = async () => (await ask('downstream', 'GET', '/faults')).includes('"own"');
    const states = () =>
      Promise.all([...['gateway', 'publisher', 'consumer', 'downstream'].map(get), hasFault(), isTide()]);
    const before = await states();
    const container = `${project.name}-killed`;
    await project.compose(['run', '--rm', '--detach', '--name', container, 'lab', 'run', 'runs/x.yaml'], {
      env,
    });
    await patiently(hasFault, 'the fault begins');
    expect(await isTide()).toBe(false);
    await docker('kill', container);
    await patiently(async () => isDeepStrictEqual(await states(), before), 'all is as before');
  });
}
