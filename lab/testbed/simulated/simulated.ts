import { attemptsOf } from '#downstream/attempts.ts';
import { ApplicationFaultOptions } from '#downstream/faults/config.ts';
import { requestsOf } from '#gateway/requests.ts';
import { faultCalls } from '#kit/fault/leased-faults.ts';
import { createLog } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { type Controls, ServiceControl } from '#lab/testbed/control.ts';
import { type Testbed, unbreakable } from '#lab/testbed/testbed.ts';
import { type ServiceName, serviceNames } from '#lab/topology/names.ts';
import { callersOver, upstreamOver } from './calls.ts';
import { SimulatedConnections } from './connections.ts';
import { SimulatedEffects } from './effects.ts';
import { SimulatedGenerator } from './generator.ts';
import { hopOf } from './hop.ts';
import { SimulatedPort } from './port.ts';

/** Time that a hop adds to each call, half before and half after the work of the receiver. @default 0 */
export interface Overheads {
  readonly gatewayMs?: number;
  readonly downstreamMs?: number;
}

/** Creates a testbed in memory for one variant. The services' own logic runs on a virtual clock that begins at 0. */
export function simulatedTestbed(
  { connections }: Pick<Experiment, 'connections'>,
  { gatewayMs = 0, downstreamMs = 0 }: Overheads = {},
) {
  const clock = new VirtualClock();
  const died = Promise.withResolvers<never>();
  died.promise.catch(() => undefined);

  const effects = new SimulatedEffects();
  const toDownstream = hopOf(clock, downstreamMs);
  const downstream = {
    metrics: new Metrics(),
    log: createLog('downstream', 'silent'),
    effects,
    clock,
  };
  const attempts = attemptsOf(downstream, callersOver(toDownstream));
  const gateway = { metrics: new Metrics(), upstream: upstreamOver(attempts.begin, toDownstream), clock };
  const requests = requestsOf(gateway);
  const generator = new SimulatedGenerator(
    clock,
    new SimulatedConnections(connections, {
      serve: requests.serve,
      hop: hopOf(clock, gatewayMs),
      crashed: died.reject,
    }),
  );

  const clearEffects = () => {
    effects.clear();
    attempts.numbering.clear();
  };
  const ports: Partial<Record<ServiceName, SimulatedPort>> = {
    downstream: new SimulatedPort({
      ...{ metrics: downstream.metrics, config: attempts.config, clock },
      routes: {
        ...faultCalls({ fault: ApplicationFaultOptions }, attempts.faults.leased),
        'DELETE /effects': clearEffects,
        // Ignores the announcements of the run, since a simulation has no viewers.
        'PUT /run': () => undefined,
        'DELETE /run': () => undefined,
      },
      streams: { '/effects': () => effects.read() },
    }),
    gateway: new SimulatedPort({ metrics: gateway.metrics, config: requests.config, clock }),
  };
  return { clock, generator, controls: controlsOf(ports), testbed: { ...inMemory, died: died.promise } };
}

const controlsOf = (ports: Partial<Record<ServiceName, SimulatedPort>>): Controls =>
  Object.fromEntries(
    serviceNames.map((name) => [
      name,
      new ServiceControl(new Map(ports[name] ? [[name, ports[name]] as const] : [])),
    ]),
  ) as Record<ServiceName, ServiceControl>;

/** Testbed without real addresses, since all services run in this process. */
const inMemory: Omit<Testbed, 'guard' | 'died'> = {
  ...unbreakable('a simulated testbed has no processes'),
  control: Object.fromEntries(serviceNames.map((name) => [name, `http://${name}`])) as Testbed['control'],
  traffic: { gateway: 'http://gateway', publisher: 'http://publisher' },
  natsUrl: 'nats://nats',
  broker: undefined,
  stop: async () => undefined,
};
