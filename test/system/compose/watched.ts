import { expect, test } from 'vitest';
import { datasourceUid } from '#grafana/panels.ts';
import { boards } from '#grafana/write.ts';
import { quarter } from '#test/fixtures/quarter-tide.ts';
import { fill, questionsOf } from '#test/support/dashboards.ts';
import { patiently } from '#test/support/docker/patiently.ts';
import type { Project } from '#test/support/docker/project.ts';
import { hasGrafana, throughGrafana } from '#test/support/grafana.ts';
import { Prometheus } from '#test/support/prometheus.ts';

/** Defines tests of the Prometheus of a running project, through Grafana if it takes part. */
export function isWatched(project: Project): void {
  const prometheus = async () =>
    hasGrafana
      ? throughGrafana(await project.url('grafana', 3000), datasourceUid)
      : new Prometheus(await project.url('prometheus', 9090));
  const ask = (service: string, ...request: string[]) =>
    project.exec(service, ['node', 'docker/control.cjs', ...request]);
  const put = (service: string, path: string, body: object) =>
    ask(service, 'PUT', path, JSON.stringify(body));
  const get = async (service: string) => JSON.parse(await ask(service, 'GET', '/config'));

  test('every query of the dashboards has found something after one cycle of the tide and the run before', async () => {
    const tide = await get('load');
    quarter(tide);
    await put('load', '/config', tide);
    const asked = await prometheus();
    const range = 600;
    const finds = async (expr: string, isInstant: boolean) => {
      const query = fill(expr, { rateInterval: '4s', range: `${range}s`, interval: '1s' });
      const series = await (isInstant ? asked.now(query) : asked.since(Date.now() / 1000 - range, query));
      return series.some(({ values }) => values.some(([, value]) => value !== 'NaN'));
    };
    let open = Object.values(boards).flatMap(questionsOf);
    await patiently(async () => {
      const found = await Promise.all(open.map(({ expr, isInstant }) => finds(expr, isInstant)));
      open = open.filter((_, index) => !found[index]);
      return open.length === 0;
    }, 'all is found').catch(() => undefined);
    expect(open.map(({ where }) => where)).toEqual([]);
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
