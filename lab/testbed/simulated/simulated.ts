import { consumer as consumerOf } from '#consumer/consumer.ts';
import { attemptsOf } from '#downstream/attempts.ts';
import { requestsOf } from '#gateway/requests.ts';
import type { Clock } from '#kit/clock.ts';
import { createLog } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { finishedSubject, type Path } from '#kit/wire.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { type Controls, ServiceControl } from '#lab/testbed/control.ts';
import { type Testbed, unbreakable } from '#lab/testbed/testbed.ts';
import { type ServiceName, serviceNames } from '#lab/topology/names.ts';
import { readReport } from '#load/completions.ts';
import { eventsOf } from '#publisher/events.ts';
import { SimulatedBroker } from './broker/broker.ts';
import { connectTo } from './broker/connection.ts';
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
  /** From the generator to the publisher and the stream. */
  readonly publishMs?: number;
  /** From the stream to the consumer. */
  readonly deliverMs?: number;
}

interface SimulatedParts {
  readonly clock: Clock;
  /** Path of the load. */
  readonly path: Path;
  readonly overheads?: Overheads | undefined;
}

/** Creates a testbed in memory for one variant. The services' own logic runs on the given clock. */
export async function simulatedTestbed(
  { connections }: Pick<Experiment, 'connections'>,
  { clock, path, overheads = {} }: SimulatedParts,
) {
  const { gatewayMs = 0, downstreamMs = 0, publishMs = 0, deliverMs = 0 } = overheads;
  const died = Promise.withResolvers<never>();
  died.promise.catch(() => undefined);

  const effects = new SimulatedEffects();
  const toDownstream = hopOf(clock, downstreamMs);
  const downstream = { ...partsOf('downstream', clock), effects };
  const attempts = attemptsOf(downstream, callersOver(toDownstream));
  const gateway = { ...partsOf('gateway', clock), upstream: upstreamOver(attempts.begin, toDownstream) };
  const requests = requestsOf(gateway);

  const broker = new SimulatedBroker(clock);
  const connect = (ms: number) => connectTo({ broker, hop: hopOf(clock, ms), clock });
  const publisher = { ...partsOf('publisher', clock), broker: connect(publishMs) };
  const events = await eventsOf(publisher);
  const consuming = {
    ...partsOf('consumer', clock),
    broker: connect(deliverMs),
    upstream: upstreamOver(attempts.begin, toDownstream),
  };
  const consumer = await consumerOf(consuming);

  const generator = new SimulatedGenerator(clock, {
    connections: new SimulatedConnections(connections, {
      serve: path === 'rpc' ? requests.serve : events.serve,
      hop: path === 'rpc' ? hopOf(clock, gatewayMs) : hopOf(clock, 0),
      crashed: died.reject,
    }),
    completions: {
      async listen(listener) {
        return broker.subscribe(finishedSubject, (text) => {
          const report = readReport(text);
          if (report) listener(report);
        });
      },
      close: async () => undefined,
    },
  });

  const clearEffects = () => {
    effects.clear();
    attempts.numbering.clear();
    return '';
  };
  const ports: Record<ServiceName, SimulatedPort> = {
    downstream: new SimulatedPort({
      ...{ metrics: downstream.metrics, config: attempts.config, clock },
      // Ignores the announcements of the run, since a simulation has no viewers.
      routes: { 'DELETE /effects': clearEffects, 'PUT /run': () => '', 'DELETE /run': () => '' },
      streams: { '/effects': () => effects.read() },
    }),
    gateway: new SimulatedPort({ metrics: gateway.metrics, config: requests.config, clock }),
    publisher: new SimulatedPort({ ...events, metrics: publisher.metrics, clock }),
    consumer: new SimulatedPort({ ...consumer, clock }),
  };
  return {
    generator,
    controls: controlsOf(ports),
    broker: connect(0),
    testbed: { ...inMemory, died: died.promise },
  };
}

const partsOf = (name: ServiceName, clock: Clock) => ({
  metrics: new Metrics(),
  log: createLog(name, 'silent'),
  clock,
});

const controlsOf = (ports: Record<ServiceName, SimulatedPort>): Controls =>
  Object.fromEntries(
    serviceNames.map((name) => [name, new ServiceControl(new Map([[name, ports[name]] as const]))]),
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
