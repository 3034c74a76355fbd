import type { Clock } from '#kit/clock.ts';
import { finishedSubject, type Path } from '#kit/wire.ts';
import type { Store } from '#lab/evidence/store.ts';
import type { Breakable } from '#lab/experiment/faults/injectable.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { affectedHops, type Hop, proxyOf } from '#lab/kit/topology/hops.ts';
import { type ServiceName, type ServiceProcess, serviceNames } from '#lab/kit/topology/names.ts';
import { callers } from '#lab/kit/topology/paths.ts';
import { namesOf } from '#lab/kit/topology/replicas.ts';
import { controlsOver } from '#lab/world/controls.ts';
import type { Overheads } from '#lab/world/simulation.ts';
import type { Caller, Testbed } from '#lab/world/testbed.ts';
import type { Completions } from '#load/completions.ts';
import { readReport } from '#load/report.ts';
import { AffectedWire } from './affected-wire.ts';
import { SimulatedBroker } from './broker/broker.ts';
import { connectTo } from './broker/connection.ts';
import { simulatedConnections } from './connections.ts';
import { SimulatedEffects } from './effects.ts';
import { simulatedGenerator } from './generator.ts';
import { delayOf, Wire } from './hop.ts';
import { SimulatedPort } from './port.ts';
import { type Listener, type Running, reliable, SimulatedProcess, type Start } from './process.ts';
import {
  type StartClient,
  startBroker,
  startConsumer,
  startDownstream,
  startGateway,
  startNetproxy,
  startPublisher,
} from './services.ts';

interface SimulatedParts {
  readonly clock: Clock;
  readonly path: Path;
  /** Store of the record of the load, and of downstream's effects. */
  readonly store: Pick<Store, 'createRecord' | 'createEffects'>;
  readonly overheads?: Overheads | undefined;
  /** Loads the client that replaces the policies, for each process of the caller. */
  readonly startClient?: StartClient | undefined;
  readonly started?: (atMs: number) => void;
}

type Tested = Pick<Experiment, 'connections' | 'replicas' | 'faults'>;

/**
 * Creates a testbed in memory for one variant. The services' own logic runs in simulated processes, on the given clock.
 */
export async function simulatedTestbed(experiment: Tested, parts: SimulatedParts) {
  const { clock, path, store, overheads, started = () => undefined } = parts;
  const died = Promise.withResolvers<never>();
  died.promise.catch(() => undefined);
  const broker = new SimulatedBroker();
  const { netproxy, wireOver, ...services } = await startServices(experiment, parts, broker);
  const [first, hop, overheadMs] =
    path === 'rpc'
      ? ([services.gateway, 'load->gateway', overheads?.gatewayMs] as const)
      : ([services.publisher, 'load->publisher', 0] as const);
  const wireTo = (process: Listener) => wireOver(hop, process, overheadMs);
  const generator = simulatedGenerator({
    connections: simulatedConnections(first, experiment.connections, wireTo, died.reject),
    completions: completionsFrom(broker),
    ...{ clock, store, started },
  });
  const portsOf = (service: ServiceName) =>
    services[service].map(
      (process) => [process.name as ServiceProcess, new SimulatedPort(process, clock)] as const,
    );
  return {
    generator,
    controls: controlsOver(portsOf, netproxy && new SimulatedPort(netproxy, clock)),
    broker: await connectTo({ broker, clock, hop: delayOf(clock, 0), party: reliable }),
    testbed: {
      ...inMemory,
      ...breakable(Object.values(services).flat()),
      died: died.promise,
      stop: async () => {},
    },
    inside: { ...services, streams: broker },
  };
}

/** Services and broker in a simulated testbed, for those who watch it. */
export type Inside = Awaited<ReturnType<typeof simulatedTestbed>>['inside'];

/** Starts all processes of a testbed, in the order of their dependencies. */
async function startServices(
  { replicas, faults }: Tested,
  { clock, path, store, overheads = {}, startClient }: SimulatedParts,
  broker: SimulatedBroker,
) {
  const { downstreamMs = 0, publishMs = 0, deliverMs = 0 } = overheads;
  const each = <S extends Running>(service: ServiceName, start: Start<S>) =>
    Promise.all(
      namesOf(service, replicas[service]).map((name) => SimulatedProcess.start(name, clock, start)),
    );
  const clientOf = (caller: Caller) => (caller === callers[path] ? startClient : undefined);
  const nats = [await SimulatedProcess.start('nats', clock, (machine) => startBroker(machine, broker))];
  const downstream = await Promise.all(
    namesOf('downstream', replicas.downstream).map((name) => {
      const effects = new SimulatedEffects(store.createEffects());
      return SimulatedProcess.start(name, clock, (machine, initial) =>
        startDownstream(machine, initial, effects),
      );
    }),
  );
  const affected = affectedHops(faults);
  /** Affected hops by the names of their proxies. */
  const proxied = new Map<string, AffectedWire>();
  const affect = (hop: Hop, server: Listener, overheadMs: number) => {
    const wire = new AffectedWire(server, overheadMs, clock);
    proxied.set(proxyOf(hop), wire);
    return wire;
  };
  const wireOver = (hop: Hop, server: Listener, overheadMs = 0): Wire =>
    affected.includes(hop) ? affect(hop, server, overheadMs) : new Wire(server, overheadMs, clock);
  const calledOver = (hop: Hop) =>
    downstream.map((process) => ({ process, wire: wireOver(hop, process, downstreamMs) }));
  const toBroker = (hop: Hop, overheadMs: number) => ({
    broker,
    hop: delayOf(clock, overheadMs),
    proxied: affected.includes(hop) ? affect(hop, nats[0]!, overheadMs) : undefined,
  });
  const called = calledOver('gateway->downstream');
  const gateway = await each('gateway', (machine, initial) =>
    startGateway(machine, initial, called, clientOf('gateway')),
  );
  const toStream = toBroker('publisher->nats', publishMs);
  const publisher = await each('publisher', (machine, initial) => startPublisher(machine, initial, toStream));
  const fromStream = toBroker('consumer->nats', deliverMs);
  const calledByConsumer = calledOver('consumer->downstream');
  const consumer = await each('consumer', (machine, initial) =>
    startConsumer(machine, initial, fromStream, calledByConsumer, clientOf('consumer')),
  );
  const netproxy =
    affected.length > 0
      ? await SimulatedProcess.start('netproxy', clock, (machine) => startNetproxy(machine, proxied))
      : undefined;
  return { nats, downstream, gateway, publisher, consumer, netproxy, wireOver };
}

const completionsFrom = (broker: SimulatedBroker): Completions => ({
  async listen(listener) {
    return broker.subscribe(finishedSubject, (text) => {
      const report = readReport(text);
      if (report) listener(report);
    });
  },
  close: async () => undefined,
});

function breakable(processes: readonly SimulatedProcess<Running>[]): Breakable {
  const of = (name: string) => processes.find((process) => process.name === name)!;
  return {
    end: (name, signal) => of(name).end(signal),
    restart: (name, config) => of(name).restart(config),
    pause: async (name) => of(name).pause(),
    resume: async (name) => of(name).resume(),
  };
}

/** Testbed without real addresses, since all services run in this process. */
const inMemory: Omit<Testbed, 'guard' | 'died' | 'stop' | keyof Breakable> = {
  control: Object.fromEntries(serviceNames.map((name) => [name, `http://${name}`])) as Testbed['control'],
  traffic: { gateway: 'http://gateway', publisher: 'http://publisher' },
  natsUrl: 'nats://nats',
  broker: undefined,
};
