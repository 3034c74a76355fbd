import { consumer } from '#consumer/consumer.ts';
import { attemptsOf } from '#downstream/attempts.ts';
import { ApplicationFaultOptions } from '#downstream/faults/config.ts';
import { requestsOf } from '#gateway/requests.ts';
import { type Clock, serially } from '#kit/clock.ts';
import { faultCalls, faultParser, type LeasedFault, LeasedFaults } from '#kit/fault/leased-faults.ts';
import type { Logger } from '#kit/log.ts';
import { exportStart, Metrics } from '#kit/metrics.ts';
import { Type } from '#kit/schema/type.ts';
import { NetworkFaultOptions, networkFaults } from '#netproxy/faults/config.ts';
import type { OpenClient } from '#policies/client.ts';
import { eventsOf } from '#publisher/events.ts';
import type { AffectedWire } from './affected-wire.ts';
import type { SimulatedBroker } from './broker/broker.ts';
import { connectTo, type WayToBroker } from './broker/connection.ts';
import { type Replicas, simulatedCallers, upstreamOver } from './calls.ts';
import type { SimulatedEffects } from './effects.ts';
import type { Machine } from './process.ts';

/** Returns the user's client for a process that starts with this clock. */
export type StartClient = (clock: Clock) => OpenClient;

const silent = () => undefined;

/** Log that writes nothing. To create one by pino takes longer than the rest of a service's start. */
const log = { fatal: silent, error: silent, warn: silent, info: silent } as unknown as Logger;

const parseApplicationFault = faultParser({ fault: ApplicationFaultOptions });
const parseNetworkFault = faultParser({ target: Type.String(), fault: NetworkFaultOptions });

const metricsOf = ({ startedAtMs }: Machine): Metrics => {
  const metrics = new Metrics();
  exportStart(metrics, startedAtMs);
  return metrics;
};

/** Starts downstream in a simulated process. The effects are its log file, which outlives the process. */
export function startDownstream(machine: Machine, initial: unknown, effects: SimulatedEffects) {
  const { clock, halt } = machine;
  const metrics = metricsOf(machine);
  // All callers number their attempts themselves.
  const numbering = { next: (_id: string, said = 1) => said };
  const parts = { metrics, log, effects, numbering, clock, initial, halt };
  const attempts = attemptsOf(parts, simulatedCallers);
  const { leased } = attempts.faults;
  return {
    begin: attempts.begin,
    closing: () => leased.clear(),
    idle: attempts.idle,
    control: {
      metrics,
      config: attempts.config,
      unready: () => undefined,
      routes: {
        ...faultCalls(parseApplicationFault, leased),
        'DELETE /effects': () => effects.clear(),
      },
      streams: { '/effects': () => effects.read() },
    },
  };
}

/** Starts a gateway in a simulated process, which calls the processes of downstream. */
export async function startGateway(
  machine: Machine,
  initial: unknown,
  downstream: Replicas,
  startClient: StartClient | undefined,
) {
  const { clock, party } = machine;
  const metrics = metricsOf(machine);
  const upstream = upstreamOver(party, downstream);
  const client = startClient?.(clock);
  const { serve, config, breakers, opened } = requestsOf({ metrics, upstream, clock, initial, client });
  await opened;
  const control = { metrics, config, unready: () => upstream.unreachable() };
  return { serve, breakers, ...stateless, control };
}

const nothing = async () => undefined;

/** A service that completes its accepted work by answering its callers. */
const stateless = { closing: nothing, idle: nothing };

export async function startPublisher(machine: Machine, initial: unknown, way: WayToBroker) {
  const metrics = metricsOf(machine);
  const connection = await connectTo({ ...machine, ...way });
  const { clock } = machine;
  const { serve, config, unready } = await eventsOf({ metrics, log, clock, broker: connection, initial });
  return { serve, ...stateless, control: { metrics, config, unready } };
}

/** Starts a consumer in a simulated process, which calls the processes of downstream. */
export async function startConsumer(
  machine: Machine,
  initial: unknown,
  way: WayToBroker,
  downstream: Replicas,
  startClient: StartClient | undefined,
) {
  const metrics = metricsOf(machine);
  const { clock } = machine;
  const client = startClient?.(clock);
  const service = await consumer({
    ...{ metrics, clock, initial, client },
    log,
    broker: await connectTo({ ...machine, ...way }),
    upstream: upstreamOver(machine.party, downstream),
  });
  const { config, unready } = service;
  return { closing: () => service.stop(), idle: nothing, control: { metrics, config, unready } };
}

/** Starts a broker in a simulated process. The streams outlive the process, like its files. */
export function startBroker(machine: Machine, broker: SimulatedBroker) {
  broker.restart(machine);
  return stateless;
}

/** Starts a netproxy in a simulated process. `hops` has those that this variant uses, by the names of their proxies. */
export function startNetproxy(machine: Machine, hops: ReadonlyMap<string, AffectedWire>) {
  const hopOf = ({ target = '' }: LeasedFault<NetworkFaultOptions>) => hops.get(target);
  const injection = {
    begin: (fault: LeasedFault<NetworkFaultOptions>) => hopOf(fault)?.begin(fault.name, fault.fault),
    end: (fault: LeasedFault<NetworkFaultOptions>) => hopOf(fault)?.end(fault.name),
    change: serially(),
  };
  const faults = new LeasedFaults<NetworkFaultOptions>(
    networkFaults,
    injection,
    machine.clock,
    () => undefined,
  );
  const config = { current: () => ({ proxies: [] }), parse: () => ({}), apply() {} };
  const routes = faultCalls(parseNetworkFault, faults);
  return { ...stateless, control: { metrics: metricsOf(machine), config, unready: () => undefined, routes } };
}
