import type { Project } from '#test/support/docker/project.ts';
import { Prometheus } from '#test/support/prometheus.ts';

/** Script for a container. It requests a URL, with the token of a file if given, and prints status and text. */
const script = `
const [url, file] = process.argv.slice(1);
const headers = file ? { authorization: 'Bearer ' + require('fs').readFileSync(file, 'utf8').trim() } : {};
fetch(url, { headers }).then(async (answer) => console.log(answer.status + '\\n' + await answer.text()));
`;
const tokenFile = '/run/spillway/control-token';

/** Requests a URL from inside a service's container. */
export async function ask(project: Project, service: string, url: string, token = true) {
  const args = ['node', '-e', script, url, ...(token ? [tokenFile] : [])];
  const [status, ...lines] = (await project.exec(service, args)).split('\n');
  return { status: Number(status), text: lines.join('\n') };
}

/** Returns the sum of a metric's series in one container. `labels` are as written: `path="rpc",outcome="ok"`. */
export async function metric(project: Project, service: string, name: string, labels = ''): Promise<number> {
  const { text } = await ask(project, service, 'http://127.0.0.1:8081/metrics');
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return lines
    .filter((line) => line.includes(labels))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** Evaluates a query in the testbed's Prometheus. Resolves with the series. */
export const query = async (project: Project, text: string): Promise<unknown[]> =>
  new Prometheus(await project.url('prometheus', 9090)).now(text);
