import type { Listening } from '#kit/service.ts';
import { nodeOptions } from '#lab/world/process/bundle.ts';
import { type Figure, figure, inRounds, median } from './figure.ts';
import { Process } from './process.ts';

const rounds = 3;
const concurrency = 40;
/** Latency of the server, long enough that the bulkhead stays full during a burst. */
const latencyMs = 8;
const load = [{ arrivals: { kind: 'bursts', total: 4200, size: 350, everyMs: 80, spreadMs: 20 } }];

/** Counts the connections that a gateway with a bulkhead opens to a server during bursts. */
export async function connections(say: (text: string) => void): Promise<Figure> {
  const all = await inRounds(rounds, measure, say, (count) => `${count} connections`);
  const name = `connections for 4,200 requests in bursts, bulkhead ${concurrency}`;
  return figure(name, median(all), '', { atMost: 60 });
}

async function measure(): Promise<number> {
  await using server = Process.start(new URL('./bare-server.ts', import.meta.url), [String(latencyMs)]);
  const env = {
    DOWNSTREAM_URL: await server.line(),
    CONFIG: JSON.stringify({ policies: [{ bulkhead: { concurrency, queue: 10_000 } }] }),
  };
  const gatewayScript = new URL('../../services/gateway/main.ts', import.meta.url);
  await using gateway = Process.start(gatewayScript, [], [], env);
  const { listening }: { listening: Listening } = JSON.parse(await gateway.line());
  const generatorScript = new URL('../../load/main.ts', import.meta.url);
  await using generator = Process.start(generatorScript, [], nodeOptions);
  const target = { path: 'rpc', url: `http://127.0.0.1:${listening.traffic}`, connections: 4096 };
  const run = { do: 'run', ...target, seed: 1, deadlineMs: 10_000, drainMs: 10_000, recordFile: '/dev/null' };
  await generator.ask({ ...run, load, classes: {} }, 'ended');
  server.send('connections');
  return Number((await server.line()).split(' ')[1]);
}
