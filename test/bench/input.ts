import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { systemClock } from '#kit/clock.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import { harmlessBody, hostileBodies } from '#test/fixtures/hostile.ts';
import { fullBytes, hostileFiles } from '#test/fixtures/hostile-files.ts';
import { type Bench, benchFolder, type Figure, figure } from './figure.ts';

interface Port {
  readonly name: string;
  readonly method: 'POST' | 'PUT';
  readonly url: string;
}

/** Measures the time in which hostile bodies of 58 KB and hostile files are refused, and the length of the answers. */
export const bench: Bench = async (say, options) => [...(await bodies(say, options)), ...files(say)];

const bodies: Bench = async (say) => {
  using folder = benchFolder();
  // The hop is only there so that the testbed has a netproxy, whose ports are tested, too.
  const testbed = await startLocal({ logFolder: folder.path, hops: ['consumer->downstream'] });
  try {
    const { control, traffic, netproxyUrl } = testbed;
    const ports: Port[] = [
      { name: '/rpc', method: 'POST', url: `${traffic.gateway}/rpc` },
      { name: '/events', method: 'POST', url: `${traffic.publisher}/events` },
      { name: '/work', method: 'POST', url: `${traffic.downstream}/work` },
      ...Object.entries(control).map(([name, url]) => ({
        name: `/config of ${name}`,
        method: 'PUT' as const,
        url: `${url}/config`,
      })),
      { name: '/config of netproxy', method: 'PUT', url: `${netproxyUrl}/config` },
      { name: '/faults of downstream', method: 'PUT', url: `${control.downstream}/faults/x` },
      { name: '/faults of netproxy', method: 'PUT', url: `${netproxyUrl}/faults/x` },
      { name: '/proxies', method: 'POST', url: `${netproxyUrl}/proxies` },
      { name: '/populate', method: 'POST', url: `${netproxyUrl}/populate` },
    ];
    let [slowest, longest] = [0, 0];
    for (const port of ports) {
      await answerOf(port, harmlessBody);
      for (const [shape, body] of Object.entries(hostileBodies)) {
        const { status, bytes, tookMs } = await fastest(port, body);
        if (tookMs > 20 || bytes > 4096 || status >= 500)
          say(`${port.name}, ${shape}: ${status}, ${tookMs.toFixed(1)} ms, ${bytes} bytes`);
        slowest = Math.max(slowest, tookMs);
        longest = Math.max(longest, bytes);
      }
    }
    return [
      figure('slowest answer to 58 KB', slowest, 'ms', { atMost: 50 }),
      figure('longest answer to 58 KB', longest, 'bytes', { atMost: 4096 }),
    ];
  } finally {
    await testbed.stop();
  }
};

function files(say: (text: string) => void): Figure[] {
  let [slowest, longest] = [0, 0];
  for (const [shape, text] of Object.entries(hostileFiles(fullBytes))) {
    const startedAtMs = systemClock.now();
    const length = refusalOf(text).length;
    const tookMs = systemClock.now() - startedAtMs;
    if (tookMs > 1000) say(`${shape}: ${tookMs.toFixed(0)} ms, ${length} characters`);
    slowest = Math.max(slowest, tookMs);
    longest = Math.max(longest, length);
  }
  return [
    figure('slowest refusal of a file', slowest, 'ms', { atMost: 2000 }),
    figure('longest refusal of a file', longest, 'characters', { atMost: 32_000 }),
  ];
}

function refusalOf(text: string): string {
  try {
    parseExperiment(text, 'x.yaml');
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

interface Answer {
  readonly status: number;
  readonly bytes: number;
  readonly tookMs: number;
}

/** Returns the fastest of three answers, since other processes of the machine may slow down an answer. */
async function fastest(port: Port, body: string): Promise<Answer> {
  const answers: Answer[] = [];
  for (let round = 0; round < 3; round++) answers.push(await answerOf(port, body));
  return answers.reduce((best, answer) => (answer.tookMs < best.tookMs ? answer : best));
}

async function answerOf({ url, method }: Port, body: string): Promise<Answer> {
  const startedAtMs = systemClock.now();
  const request = httpRequest(url, { method, headers: { 'content-type': 'application/json' } });
  request.end(body);
  const [response] = await once(request, 'response');
  let bytes = 0;
  for await (const chunk of response) bytes += chunk.length;
  return { status: response.statusCode, bytes, tookMs: systemClock.now() - startedAtMs };
}
