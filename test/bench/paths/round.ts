import { join } from 'node:path';
import { systemClock } from '#kit/clock.ts';
import { textFile } from '#lab/evidence/folder.ts';
import { readRecord } from '#lab/evidence/requests.ts';
import { percentiles } from '#lab/judge/figures/figures.ts';
import type { Summary } from '#load/protocol.ts';
import { benchFolder } from '../figure.ts';
import { Process } from '../process.ts';
import { Service, startBroker, startProgram, testbedStartMs } from './checkout.ts';
import { policyCosts, policySets } from './policy-costs.ts';

/** Figures of a round by name: CPU time per request in µs, unless the name ends with `per second` or `ms`. */
export type Round = Readonly<Record<string, number>>;

const connections = 512;
/** Mean rate of the demo's bursts: 350 requests every 80 ms. */
export const ratePerSecond = 4375;
export const eventsPerSecond = 1000;
const forMs = 4000;
const bursts = { kind: 'bursts', total: 7000, size: 350, everyMs: 80, spreadMs: 20 };
/** Latency of downstream and of the bare server. */
const latencyMs = 2;
/** Requests after which most of the code is compiled. */
const warmupRequests = 10_000;
const backlog = 10_000;
const concurrency = 64;

/** Process whose CPU time can be read. */
interface Measurable {
  /** Returns the CPU time used so far, in µs. */
  cpuUs(): Promise<number>;
}

/** Starts the services and the generator of a checkout. Each call of the returned function measures them once. */
export async function startCheckout(root: string, all: AsyncDisposableStack): Promise<() => Promise<Round>> {
  const folder = all.use(benchFolder()).path;
  const { url: natsUrl, empty } = all.use(await startBroker(folder));
  const bare = all.use(Process.start(new URL('../bare-server.ts', import.meta.url), [String(latencyMs)]));
  const bareUrl = await bare.line();
  const start = async (name: string, env: Readonly<Record<string, string>> = {}) =>
    all.use(await Service.start(root, name, { TMPDIR: folder, NATS_URL: natsUrl, ...env }));
  const downstream = await start('downstream');
  const gateway = await start('gateway', { DOWNSTREAM_URL: downstream.url });
  const publisher = await start('publisher');
  const consumer = await start('consumer', { DOWNSTREAM_URL: bareUrl });
  const generator = all.use(startProgram(root, 'load/main.ts'));
  const target = (url: string, path = 'rpc') => ({ path, url, connections, natsUrl });
  const events = target(publisher.url, 'event');
  const server = {
    async cpuUs() {
      bare.send('cpu');
      return Number(await bare.line());
    },
  };
  /** Forgets all requests, whose ids begin anew with each run. */
  const forget = async (paused = false) => {
    await empty();
    await publisher.ask('PUT', '/config', { stream: { maxPending: 2 * backlog } });
    await consumer.ask('PUT', '/config', { concurrency, paused });
    await downstream.ask('DELETE', '/effects');
  };
  const ofGateway = async (policies: readonly object[]) => {
    await gateway.ask('PUT', '/config', { policies });
    await forget();
    return costs(generator, target(gateway.url), ratePerSecond, { gateway, downstream });
  };
  await downstream.ask('PUT', '/config', { model: { kind: 'fixed', latencyMs } });

  return async () => {
    // The generator is measured with the bare server, since an overloaded gateway would raise its cost.
    const alone = await costs(generator, target(bareUrl), ratePerSecond, { server });
    const plain = await ofGateway([]);
    const guarded = await ofGateway(policySets['all five']);
    await forget();
    const onEvents = await costs(generator, events, eventsPerSecond, { publisher, consumer });
    await forget(true);
    const drained = await drain(generator, events, consumer);
    const policies = Object.entries(await policyCosts(root));
    return {
      'bare server': alone.server,
      generator: alone.generator,
      gateway: plain.gateway,
      'gateway with all five policies': guarded.gateway,
      downstream: plain.downstream,
      'generator of events': onEvents.generator,
      publisher: onEvents.publisher,
      consumer: onEvents.consumer,
      ...Object.fromEntries(policies.map(([name, costUs]) => [`policy ${name}`, costUs])),
      'events per second': drained,
      'bare loop, events per second': await bareLoop(natsUrl, bareUrl),
      'send lag p99 in bursts, ms': await burstLagMs(generator, target(bareUrl), join(folder, 'record.csv')),
      'start of a testbed, ms': testbedStartMs(root, folder),
    };
  };
}

const run = (target: object, arrivals: object, recordFile = '/dev/null') => ({
  ...{ do: 'run', ...target, seed: 1, deadlineMs: 60_000, drainMs: 30_000, classes: {} },
  ...{ load: [{ arrivals }], recordFile },
});

/** Offers a load after a warm-up. Returns the CPU time per request of the generator and of each process. */
async function costs<N extends string>(
  generator: Process,
  target: object,
  rate: number,
  processes: Readonly<Record<N, Measurable>>,
): Promise<Record<N | 'generator', number>> {
  await generator.ask({ do: 'warm', ...target, requests: warmupRequests, concurrency: 50 }, 'warm');
  const names = Object.keys(processes) as N[];
  const used = () => Promise.all(names.map((name) => processes[name].cpuUs()));
  const before = await used();
  const constant = { kind: 'constant', ratePerSecond: rate, forMs };
  const summary = await generator.ask(run(target, constant), 'ended');
  const after = await used();
  const sent = sentOf(summary);
  const each = names.map((name, i) => [name, (after[i]! - before[i]!) / sent]);
  return { ...Object.fromEntries(each), generator: (summary.cpuMs * 1000) / sent };
}

/** Returns the number of requests that were sent. On a busy machine, some requests find no free connection. */
const sentOf = ({ offered, outcomes }: Summary): number => offered - (outcomes.unsent ?? 0);

/** Publishes a backlog for a paused consumer. Returns the events per second that the consumer then handles. */
async function drain(generator: Process, target: object, consumer: Service): Promise<number> {
  const rate = 2500;
  const constant = { kind: 'constant', ratePerSecond: rate, forMs: (backlog * 1000) / rate };
  generator.send(JSON.stringify(run(target, constant)));
  await generator.report('progress', ({ offered, inFlight }) => offered === backlog && inFlight === 0);
  const startedAtMs = systemClock.now();
  await consumer.ask('PUT', '/config', { concurrency });
  const { accepted } = await generator.report('ended');
  return (accepted * 1000) / (systemClock.now() - startedAtMs);
}

async function bareLoop(natsUrl: string, url: string): Promise<number> {
  const args = [natsUrl, url, String(backlog), String(concurrency)];
  await using loop = Process.start(new URL('../bare-loop.ts', import.meta.url), args);
  return Number(await loop.line());
}

/** Returns p99 of the time by which a request of a burst was sent too late. */
async function burstLagMs(generator: Process, target: object, recordFile: string): Promise<number> {
  const { planned } = await generator.ask(run(target, bursts, recordFile), 'ended');
  return percentiles((await readRecord(textFile(recordFile), planned)).sentMs())!.p99Ms;
}
