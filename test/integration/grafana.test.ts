import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { datasourceUid } from '#grafana/panels.ts';
import { boards } from '#grafana/write.ts';
import { listedBoards, provisioningProblems, throughGrafana } from '#test/support/grafana.ts';
import { listening } from '#test/support/listening.ts';
import { files, read } from '#test/tidy/tree.ts';

// No test here can start a Grafana, so this one answers as Grafana does, from the provisioned files.
async function provisioned(): Promise<string> {
  const { datasources } = parse(read('grafana/provisioning/datasources/prometheus.yml')!);
  const found = Array.from(files('grafana/dashboards/*.json').values(), (text) => JSON.parse(text));
  const server = createServer(async (request, response) => {
    const [, uid] = /^\/api\/datasources\/proxy\/uid\/([\w-]+)\/api\/v1\/query$/.exec(request.url!) ?? [];
    let body = '';
    for await (const chunk of request) body += chunk;
    const send = (status: number, answer: object) => response.writeHead(status).end(JSON.stringify(answer));
    if (request.url === '/api/search?type=dash-db')
      send(
        200,
        found.map(({ uid, title }) => ({ uid, title, type: 'dash-db', folderUid: 'spillway' })),
      );
    else if (uid !== datasources[0].uid) send(404, { error: 'Unable to find datasource' });
    else
      send(200, {
        data: { result: [{ metric: { asked: new URLSearchParams(body).get('query') }, value: [1, '2'] }] },
      });
  });
  return `http://127.0.0.1:${await listening(server)}`;
}

test('listedBoards and throughGrafana find the provisioned boards and data source', async () => {
  const url = await provisioned();
  const expected = Object.values(boards).map(({ uid }) => uid);
  expect((await listedBoards(url)).toSorted()).toEqual(expected.toSorted());
  const series = await throughGrafana(url, datasourceUid).now('up');
  expect(series).toEqual([{ metric: { asked: 'up' }, values: [[1, '2']] }]);
  await expect(throughGrafana(url, 'other').now('up')).rejects.toThrow('Unable to find datasource');
  await expect(listedBoards(`${url}/else`)).rejects.toThrow('404');
});

test('provisioningProblems finds errors of the provisioning alone, and that there was none', () => {
  const line = (logger: string, level: string, text: string) =>
    `grafana-1  | logger=${logger} t=2026-07-06T23:22:43.793213225Z level=${level} msg="${text}"`;
  const finished = line('provisioning.dashboard', 'info', 'finished to provision dashboards');
  const failed = line('provisioning.dashboard type=file name=spillway', 'error', 'failed to load dashboard');
  const other = line('plugins.update.checker', 'error', 'update check failed');
  expect(provisioningProblems([finished, other].join('\n'))).toEqual([]);
  expect(provisioningProblems([finished, failed].join('\n'))).toEqual([failed]);
  expect(provisioningProblems(other)).toEqual(['no boards were provisioned']);
});
