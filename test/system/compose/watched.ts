import { expect, test, vi } from 'vitest';
import { datasourceUid } from '#grafana/panels.ts';
import { boards } from '#grafana/write.ts';
import { quarter } from '#test/fixtures/quarter-tide.ts';
import { fill, type Question, questionsOf } from '#test/support/dashboards.ts';
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

  test('every query of the dashboards has found something after one cycle of the tide and the run before', {
    timeout: 300_000,
  }, async () => {
    const tide = await get('load');
    quarter(tide);
    await put('load', '/config', tide);
    const asked = await prometheus();
    const range = 600;
    const finds = async (expr: string) => {
      const series = await asked.since(Date.now() / 1000 - range, fill(expr, '4s'));
      return series.some(({ values }) => values.some(([, value]) => value !== 'NaN'));
    };
    const open = new Map(Object.values(boards).flatMap(questionsOf).entries());
    let failure = 'none';
    const isFound = ({ expr }: Question) =>
      finds(expr).catch((error: Error) => {
        failure = `${expr}: ${error.message}`;
        return false;
      });
    // One after the other, since all at once keep Prometheus from its scrapes.
    const isDone = async () => {
      for (const [index, question] of [...open]) if (await isFound(question)) open.delete(index);
      return open.size === 0;
    };
    await vi.waitUntil(isDone, { timeout: 240_000, interval: 500 }).catch(() => undefined);
    expect(
      [...open.values()].map(({ where }) => where),
      `last failure: ${failure}`,
    ).toEqual([]);
  });
}
