import type { Clock } from '#kit/clock.ts';
import { finishedSubject, type Path } from '#kit/wire.ts';
import type { Store } from '#lab/evidence/store.ts';
import type { Breakable } from '#lab/experiment/faults/injectable.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { affectedHops } from '#lab/experiment/topology/hops.ts';
import {
  type ProcessName,
  type ServiceName,
  type ServiceProcess,
  serviceNames,
} from '#lab/experiment/topology/names.ts';
import { callers } from '#lab/experiment/topology/paths.ts';
import { alone, namesOf } from '#lab/experiment/topology/replicas.ts';
import { type Controls, ServiceControl } from '#lab/world/controls.ts';
import type { Overheads } from '#lab/world/simulation.ts';
import type { Testbed } from '#lab/world/testbed.ts';
import type { Completions } from '#load/completions.ts';
import { readReport } from '#load/report.ts';
import { SimulatedBroker } from './broker/broker.ts';
import { connectTo } from './broker/connection.ts';
import { simulatedConnections } from './connections.ts';
import { SimulatedEffects } from './effects.ts';
import { simulatedGenerator } from './generator.ts';
import { delayOf } from './hop.ts';
import { type Hops, hopsOf } from './hops.ts';
import { SimulatedPort } from './port.ts';
import { type Machine, type Running, reliable, SimulatedProcess } from './process.ts';
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
  /** Called when the load starts. */
  readonly started?: (atMs: number) => void;
}

type Tested = Pick<Experiment, 'connections'> & Partial<Pick<Experiment, 'replicas' | 'faults' | 'seed'>>;

/**
 * Creates a testbed in memory for one variant. The services' own logic runs in simulated processes, on the given clock.
 */
export async function simulatedTestbed(
  { connections, replicas = alone, faults = [], seed = 1 }: Tested,
  { clock, path, store, overheads = {}, startClient, started = () => undefined }: SimulatedParts,
) {
  const died = Promise.withResolvers<never>();
  died.promise.catch(() => undefined);
  const broker = new SimulatedBroker({ ...lasting, clock });
  const hops = hopsOf(clock, affectedHops(faults));
  const netproxy = await netproxyOf(clock, hops, seed);
  const effects = namesOf('downstream', replicas.downstream).map(
    (name) => [name, new SimulatedEffects(store.createEffects())] as const,
  );
  const clients = { [callers[path]]: startClient };
  const services = await startServices(replicas, broker, clock, hops, { effects, overheads, clients });
  const { gatewayMs = 0 } = overheads;
  const wiresTo = (receiver: 'gateway' | 'publisher', overheadMs: number) =>
    services[receiver].map(
      (process) => [process.name, hops.wires(`load->${receiver}`, process, overheadMs)] as const,
    );
  const wires = new Map([...wiresTo('gateway', gatewayMs), ...wiresTo('publisher', 0)]);
  const generator = simulatedGenerator({
    connections: simulatedConnections(path === 'rpc' ? services.gateway : services.publisher, connections, {
      wireTo: ({ name }) => wires.get(name)!(reliable),
      crashed: died.reject,
    }),
    completions: completionsFrom(broker),
    ...{ clock, store, started },
  });
  const ports = serviceNames.map((service) => {
    const byName = services[service].map(
      (process) => [process.name as ServiceProcess, new SimulatedPort(process, clock)] as const,
    );
    return [service, new ServiceControl(new Map(byName))] as const;
  });
  return {
    generator,
    controls: {
      ...(Object.fromEntries(ports) as Record<ServiceName, ServiceControl>),
      ...(netproxy && { netproxy: new SimulatedPort(netproxy, clock) }),
    } satisfies Controls,
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

/** Means of a process before the first one starts. */
const lasting: Omit<Machine, 'clock'> = { party: reliable, startedAtMs: 0, halt: () => undefined };

/** Starts all processes of a testbed, in the order of their dependencies. */
async function startServices(
  replicas: Experiment['replicas'],
  broker: SimulatedBroker,
  clock: Clock,
  hops: Hops,
  {
    effects,
    overheads,
    clients,
  }: {
    effects: readonly (readonly [ProcessName, SimulatedEffects])[];
    overheads: Overheads;
    clients: { gateway?: StartClient | undefined; consumer?: StartClient | undefined };
  },
) {
  const { downstreamMs = 0, publishMs = 0, deliverMs = 0 } = overheads;
  const each = <S extends Running>(
    service: ServiceName,
    start: (machine: Machine, initial: unknown) => S | Promise<S>,
  ) =>
    Promise.all(
      namesOf(service, replicas[service]).map((name) => SimulatedProcess.start(name, clock, start)),
    );
  const nats = [await SimulatedProcess.start('nats', clock, (machine) => startBroker(machine, broker))];
  const downstream = await Promise.all(
    effects.map(([name, log]) =>
      SimulatedProcess.start(name, clock, (machine, initial) => startDownstream(machine, initial, log)),
    ),
  );
  const calledBy = (caller: 'gateway' | 'consumer') =>
    downstream.map((process) => ({
      process,
      wire: hops.wires(`${caller}->downstream`, process, downstreamMs),
    }));
  const [fromGateway, fromConsumer] = [calledBy('gateway'), calledBy('consumer')];
  const gateway = await each('gateway', (machine, initial) =>
    startGateway(machine, initial, fromGateway, clients.gateway),
  );
  const toStream = hops.toBroker('publisher->nats', nats[0]!, publishMs);
  const publisher = await each('publisher', (machine, initial) =>
    startPublisher(machine, initial, { broker, ...toStream }),
  );
  const fromStream = hops.toBroker('consumer->nats', nats[0]!, deliverMs);
  const consumer = await each('consumer', (machine, initial) =>
    startConsumer(machine, initial, { broker, ...fromStream }, fromConsumer, clients.consumer),
  );
  return { nats, downstream, gateway, publisher, consumer };
}

/** Starts the netproxy if a hop has a proxy. */
const netproxyOf = async (clock: Clock, { network, proxies }: Hops, seed: number) =>
  proxies.length > 0
    ? SimulatedProcess.start('netproxy', clock, (machine) =>
        startNetproxy(machine, network, { seed, proxies }),
      )
    : undefined;

/** Returns the source of the outcomes of events. */
const completionsFrom = (broker: SimulatedBroker): Completions => ({
  async listen(listener) {
    return broker.subscribe(finishedSubject, (text) => {
      const report = readReport(text);
      if (report) listener(report);
    });
  },
  close: async () => undefined,
});

/** Returns the actions of faults on simulated processes. */
function breakable(processes: readonly SimulatedProcess<Running>[]): Breakable {
  const of = (name: string) => {
    const found = processes.find((process) => process.name === name);
    if (!found) throw new Error(`not simulated: ${name}`);
    return found;
  };
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
