import type { NatsBroker } from '#kit/broker/nats.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { FaultInjector } from '#lab/conduct/fault-injector.ts';
import type { Fault } from '#lab/experiment/schema.ts';
import { namesOf, type Replicas } from '#lab/kit/topology/replicas.ts';

/** Fault that kills the gateway. */
export const fault: Fault & { target: 'gateway' } = {
  name: 'crash',
  atMs: 100,
  forMs: 50,
  target: 'gateway',
  fault: { kind: 'kill' },
};

/** Creates a fault injector on virtual time. `log` records its actions. */
export function setUp(
  change: {
    answer?: (method: string) => string;
    fault?: Fault;
    faults?: Fault[];
    restart?: (clock: VirtualClock) => Promise<void>;
    kill?: (clock: VirtualClock) => Promise<void>;
    scrape?: (names?: readonly string[], withinMs?: number) => Promise<void>;
    changed?: (active: readonly Fault[]) => void;
    withoutFaults?: boolean;
    replicas?: Partial<Replicas>;
    servers?: 1 | 3 | 5;
    /** Leaders of the work stream that the broker names, one per request; undefined during an election. */
    leaders?: (string | undefined)[];
  } = {},
) {
  const clock = new VirtualClock();
  const log: string[] = [];
  const say = (what: string) => async () => void log.push(`${what} at ${clock.now()}`);
  const asked = (by: string) => async (method: string, path: string, body?: unknown) =>
    change.answer?.(method) ??
    say(`${by}${method} ${path} ${JSON.stringify(body)}`)().then(() =>
      method === 'PUT' ? '[{"name":"crash"}]' : '[]',
    );
  const processes = new Map(
    namesOf('downstream', change.replicas?.downstream ?? 1).map((name) => [
      name,
      { request: asked(name === 'downstream' ? '' : `${name} `) },
    ]),
  );
  const ended = new Set<string>();
  const run = new AbortController();
  const faults = new FaultInjector({
    experiment: {
      faults: change.faults ?? [change.fault ?? fault],
      replicas: { gateway: 1, publisher: 1, consumer: 1, downstream: 1, ...change.replicas },
    },
    testbed: {
      end: (name, signal) => {
        ended.add(name);
        return change.kill?.(clock) ?? say(signal)();
      },
      pause: (name) => say(`paused ${name}`)(),
      resume: (name) => say(`resumed ${name}`)(),
      async restart(name, config) {
        if (!ended.has(name)) return;
        await change.restart?.(clock);
        ended.delete(name);
        log.push(`${name} ${JSON.stringify(config)} at ${clock.now()}`);
      },
    },
    controls: { downstream: { processes }, netproxy: { request: asked('netproxy ') } },
    broker: {
      manager: async () => ({
        streams: { info: async () => ({ cluster: { leader: change.leaders?.shift() } }) },
      }),
    } as unknown as NatsBroker,
    clock,
    configs: {
      downstream: {},
      gateway: { seed: 7 },
      publisher: {},
      consumer: {},
      nats: { servers: change.servers ?? 1, replicas: 1, sync: 'always' },
    },
    counterDeltas: {
      scrape: change.scrape ?? say('scraped'),
      resumed: (name) => say(`${name} caught up`)(),
    },
    signal: run.signal,
    withoutFaults: change.withoutFaults,
    ...(change.changed && { changed: change.changed }),
  });
  return { clock, log, faults, run };
}

/** Creates the same as `setUp`, and lets 1000 ms of load pass. */
export async function ran(...change: Parameters<typeof setUp>) {
  const rig = setUp(...change);
  rig.faults.begin(0);
  await rig.clock.advance(1000);
  return rig;
}
