import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { serviceCommand } from '#lab/testbed/local/commands.ts';
import { Guard } from '#lab/testbed/process/guard.ts';
import { startChild } from '#lab/testbed/process/launch.ts';
import { type Bench, figure, inRounds, median } from './figure.ts';

const rounds = 5;
const streamBytes = 1024 * 1024 * 1024;
const trips = 5000;

/** Measures a netproxy without toxics: the throughput of a stream, and the latency added to one byte's round trip. */
export const bench: Bench = async (say) => {
  const guard = new Guard();
  const worker = new Worker(fileURLToPath(new URL('./netproxy-peer.ts', import.meta.url)), {
    workerData: streamBytes,
  });
  try {
    const [ports] = (await once(worker, 'message')) as [{ flood: number; echo: number }];
    const proxied = await startProxies(ports, guard);
    const measure = async () => {
      const rate = await flood(proxied.flood);
      const direct = await echo(ports.echo);
      const through = await echo(proxied.echo);
      return { rate, p50: through.p50 - direct.p50, p99: through.p99 - direct.p99 };
    };
    const all = await inRounds(
      rounds,
      measure,
      say,
      ({ rate, p50, p99 }) =>
        `${rate.toFixed(0)} MB/s, a round trip +${p50.toFixed(0)} µs at p50, +${p99.toFixed(0)} at p99`,
    );
    const one = 'of a proxy without toxics';
    return [
      figure(`one stream ${one}`, median(all.map(({ rate }) => rate)), 'MB/s', { atLeast: 500 }),
      figure(`1-byte round trip ${one}, added at p50`, median(all.map(({ p50 }) => p50)), 'µs'),
      figure(`1-byte round trip ${one}, added at p99`, median(all.map(({ p99 }) => p99)), 'µs', {
        atMost: 150,
      }),
    ];
  } finally {
    await worker.terminate();
    await guard.release();
  }
};

async function startProxies(ports: { flood: number; echo: number }, guard: Guard) {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-bench-'));
  guard.folder(folder);
  const proxies = Object.entries(ports).map(([name, port]) => ({ name, upstream: `127.0.0.1:${port}` }));
  const options = { config: { proxies }, ports: { traffic: 0, control: 0 }, env: {} };
  const command = serviceCommand('netproxy', { ...options, logFile: join(folder, 'netproxy.log') });
  const child = await startChild(command, guard);
  const answer = await fetch(`http://127.0.0.1:${child.ports.control}/proxies`);
  const all = (await answer.json()) as Record<string, { listen: string }>;
  const portOf = (name: string) => Number(all[name]!.listen.split(':')[1]);
  return { flood: portOf('flood'), echo: portOf('echo') };
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** Reads the peer's stream to its end. Resolves with the throughput in MB/s. */
async function flood(port: number): Promise<number> {
  const socket = await open(port);
  const startedAtMs = performance.now();
  socket.resume();
  await once(socket, 'end');
  return streamBytes / 1e6 / ((performance.now() - startedAtMs) / 1000);
}

/** Measures round trips of one byte. Resolves with percentiles in µs. */
async function echo(port: number): Promise<{ p50: number; p99: number }> {
  const socket = await open(port);
  const byte = Buffer.from('x');
  const times: number[] = [];
  for (let trip = 0; trip < trips; trip++) {
    const startedAtMs = performance.now();
    socket.write(byte);
    await once(socket, 'data');
    times.push((performance.now() - startedAtMs) * 1000);
  }
  socket.destroy();
  const rising = times.toSorted((a, b) => a - b);
  return { p50: rising[trips / 2]!, p99: rising[Math.floor(trips * 0.99)]! };
}
