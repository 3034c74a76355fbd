import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { connectBroker, disconnectBroker } from '#kit/broker.ts';
import { systemClock } from '#kit/clock.ts';
import { Metrics } from '#kit/metrics.ts';
import { type Finished, finishedSubject } from '#kit/wire.ts';
import type { Testbed } from '#lab/engine/testbed.ts';

type Path = 'rpc' | 'event';

/** A small load on both paths that exports what a load is to export; faults are what the test says they are. */
export interface ObservedLoad {
  /** Where its metrics are. */
  readonly url: string;
  enter(phase: string): void;
  /** Says that the fault is in force, or no longer. */
  fault(isActive: boolean): void;
  /** How many requests of each path come due in a second. */
  offer(ratePerSecond: number): void;
  stop(): Promise<void>;
}

const deadlineMs = 500;
/** Every so many callers of the gateway hang up before it can have answered. */
const impatient = 10;

const outcomes: Readonly<Record<number, string>> = {
  200: 'ok',
  502: 'failed',
  503: 'rejected',
  504: 'timeout',
};

/** Starts offering nothing, in no phase. */
export async function observedLoad(testbed: Testbed): Promise<ObservedLoad> {
  const metrics = new Metrics();
  const offered = metrics.counter('spillway_load_offered_total');
  const ended = metrics.counter('spillway_load_requests_total');
  const latency = metrics.histogram('spillway_load_latency_seconds');
  const phase = metrics.gauge('spillway_load_phase');
  const faulty = metrics.gauge('spillway_fault_active');
  metrics.gauge('spillway_load_deadline_seconds').set(deadlineMs / 1000);

  const agent = new Agent();
  const broker = await connectBroker(testbed.natsUrl, 'observed load');
  const dueMs = new Map<string, number>();
  const end = (path: Path, id: string, outcome: string) => {
    const ageMs = systemClock.now() - dueMs.get(id)!;
    dueMs.delete(id);
    latency.observe({ path }, ageMs / 1000);
    ended.inc({ path, outcome: outcome === 'ok' && ageMs > deadlineMs ? 'late' : outcome });
  };
  broker.subscribe(finishedSubject, {
    callback: (_error, message) => {
      const { id, outcome } = message.json<Finished>();
      if (dueMs.has(id)) end('event', id, outcome);
    },
  });

  const post = async (path: Path, id: string, patienceMs: number) => {
    const url = path === 'rpc' ? `${testbed.traffic.gateway}/rpc` : `${testbed.traffic.publisher}/events`;
    const answer = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id }),
      signal: AbortSignal.timeout(patienceMs),
    });
    await answer.body.dump();
    return answer.statusCode;
  };
  const send = async (path: Path, id: string, patienceMs: number) => {
    offered.inc({ path });
    dueMs.set(id, systemClock.now());
    const status = await post(path, id, patienceMs).catch(() => 0);
    if (path === 'rpc') end(path, id, outcomes[status] ?? 'unknown');
    else if (status !== 202) end(path, id, status === 429 ? 'dropped' : 'unknown');
  };

  let current: string | undefined;
  let sent = 0;
  let timer: NodeJS.Timeout | undefined;
  const server = createServer(async (_request, response) => {
    response.setHeader('content-type', metrics.registry.contentType).end(await metrics.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    enter(name) {
      if (current !== undefined) phase.set({ phase: current }, 0);
      phase.set({ phase: name }, 1);
      current = name;
    },
    fault: (isActive) =>
      faulty.set({ fault: 'failures', target: 'downstream', kind: 'failures' }, Number(isActive)),
    offer(ratePerSecond) {
      clearInterval(timer);
      timer = setInterval(() => {
        sent += 1;
        void send('rpc', `rpc-${sent}`, sent % impatient === 0 ? 5 : 5000);
        void send('event', `event-${sent}`, 5000);
      }, 1000 / ratePerSecond);
    },
    async stop() {
      clearInterval(timer);
      server.closeAllConnections();
      server.close();
      await agent.destroy();
      await disconnectBroker(broker);
    },
  };
}
