import { VirtualClock } from '#kit/virtual-clock.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Breakable } from '#lab/faults/injectable.ts';
import { type Controls, ServiceControl } from '#lab/testbed/control.ts';
import { type Testbed, unbreakable } from '#lab/testbed/testbed.ts';
import { type ServiceName, serviceNames } from '#lab/topology/names.ts';
import { alone, namesOf } from '#lab/topology/replicas.ts';
import { simulatedConnections } from './connections.ts';
import { SimulatedEffects } from './effects.ts';
import { SimulatedGenerator } from './generator.ts';
import { hopOf } from './hop.ts';
import { type PortParts, SimulatedPort } from './port.ts';
import { type Running, SimulatedProcess } from './process.ts';
import { startDownstream, startGateway } from './services.ts';

/** Time that a hop adds to each call, half before and half after the work of the receiver. @default 0 */
export interface Overheads {
  readonly gatewayMs?: number;
  readonly downstreamMs?: number;
}

type Controllable = SimulatedProcess<Running & { readonly control: PortParts }>;

/**
 * Creates a testbed in memory for one variant. The services' own logic runs in simulated processes, on a virtual clock
 * that begins at 0.
 */
export function simulatedTestbed(
  { connections, replicas = alone }: Pick<Experiment, 'connections'> & Partial<Pick<Experiment, 'replicas'>>,
  { gatewayMs = 0, downstreamMs = 0 }: Overheads = {},
) {
  const clock = new VirtualClock();
  const died = Promise.withResolvers<never>();
  died.promise.catch(() => undefined);

  const downstream = namesOf('downstream', replicas.downstream).map((name) => {
    const effects = new SimulatedEffects();
    return new SimulatedProcess(name, clock, (machine, initial) =>
      startDownstream(machine, initial, effects),
    );
  });
  const toDownstream = hopOf(clock, downstreamMs);
  const gateway = namesOf('gateway', replicas.gateway).map(
    (name) =>
      new SimulatedProcess(name, clock, (machine, initial) =>
        startGateway(machine, initial, downstream, toDownstream),
      ),
  );
  const generator = new SimulatedGenerator(
    clock,
    simulatedConnections(gateway, connections, {
      clock,
      hop: hopOf(clock, gatewayMs),
      crashed: died.reject,
    }),
  );
  const processes: Partial<Record<ServiceName, readonly Controllable[]>> = { downstream, gateway };
  const ports = serviceNames.map((service) => {
    const own = processes[service] ?? [];
    const byName = own.map((process) => [process.name, new SimulatedPort(process, clock)] as const);
    return [service, new ServiceControl(new Map(byName))] as const;
  });
  return {
    clock,
    generator,
    controls: Object.fromEntries(ports) as Record<ServiceName, ServiceControl> satisfies Controls,
    testbed: { ...inMemory, ...breakable([...downstream, ...gateway]), died: died.promise },
  };
}

const network = unbreakable('a simulated testbed has no network');

/** Returns the actions of faults on simulated processes. */
function breakable(processes: readonly SimulatedProcess<Running>[]): Breakable {
  const of = (name: string) => {
    const found = processes.find((process) => process.name === name);
    if (!found) throw new Error(`not simulated yet: ${name}`);
    return found;
  };
  return {
    ...network,
    end: (name, signal) => of(name).end(signal),
    restart: (name, config) => of(name).restart(config),
    pause: async (name) => of(name).pause(),
    resume: async (name) => of(name).resume(),
  };
}

/** Testbed without real addresses, since all services run in this process. */
const inMemory: Omit<Testbed, 'guard' | 'died' | keyof Breakable> = {
  control: Object.fromEntries(serviceNames.map((name) => [name, `http://${name}`])) as Testbed['control'],
  traffic: { gateway: 'http://gateway', publisher: 'http://publisher' },
  natsUrl: 'nats://nats',
  broker: undefined,
  stop: async () => undefined,
};
