import { fetch } from 'undici';
import { Prometheus } from './prometheus.ts';

/** True if the image of Grafana can be pulled, so that it takes part in the tests in containers. */
export const hasGrafana = process.env.SPILLWAY_TEST_GRAFANA === '1';

/** Returns the ids of the boards that a Grafana lists to anyone. */
export async function listedBoards(url: string): Promise<string[]> {
  const answer = await fetch(`${url}/api/search?type=dash-db`);
  if (!answer.ok) throw new Error(`Grafana lists no boards: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { uid: string }[]).map(({ uid }) => uid);
}

/** Returns a client of the Prometheus that is a data source of a Grafana. Grafana passes the queries on. */
export const throughGrafana = (url: string, uid: string): Prometheus =>
  new Prometheus(`${url}/api/datasources/proxy/uid/${uid}`);

/** Returns the problems in Grafana's log about its provisioning, including that it provisioned no boards. */
export function provisioningProblems(log: string): string[] {
  const lines = log.split('\n').filter((line) => /\blogger=provisioning\b/.test(line));
  const isDone = lines.some((line) => line.includes('finished to provision dashboards'));
  const errors = lines.filter((line) => /\blevel=(error|critical)\b/.test(line));
  return [...errors, ...(isDone ? [] : ['no boards were provisioned'])];
}
