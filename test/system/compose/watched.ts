import { expect, test } from 'vitest';
import { boards } from '#grafana/write.ts';
import { fill, questionsOf } from '#test/support/dashboards.ts';
import { patiently } from '#test/support/docker/patiently.ts';
import type { Project } from '#test/support/docker/project.ts';
import { Prometheus } from '#test/support/prometheus.ts';

/** Queries of the dashboards that return nothing without an experiment, each with the reason. */
const empty: Readonly<Record<string, string>> = {
  'Experiment > Variants > {{variant}}': 'only an experiment has variants',
};

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

  test('a container that was killed is called down for as long as it is, though it is no target any more', async () => {
    const asked = await prometheus();
    const isFiring = async (more = '') =>
      (await asked.now(`ALERTS{alertname="ServiceDown", alertstate="firing", job="gateway"} ${more}`))
        .length > 0;
    await project.compose(['kill', 'gateway']);
    await patiently(() => isFiring('unless on (job) up'), 'it is called down without being a target');
    await project.compose(['up', '--wait', '--no-build', '--no-recreate', 'gateway']);
    await patiently(async () => !(await isFiring()), 'it is called down no longer');
    const health = () => project.compose(['ps', '--format', '{{.Health}}', 'load']);
    await patiently(async () => (await health()).trim() === 'healthy', 'requests succeed again');
  });
}
