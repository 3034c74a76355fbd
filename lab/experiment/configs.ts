import { type BrokerOptions, usualBroker } from '#lab/topology/broker-options.ts';
import type { ServiceName } from '#lab/topology/names.ts';
import type { Experiment } from './schema.ts';

/** What each process is configured with, complete. */
export type Configs = Readonly<Record<ServiceName, Readonly<Record<string, unknown>>>> & {
  readonly nats: BrokerOptions;
};

/** A dependency that answers soon and always, to warm up on. */
export const warmDownstream = { model: { kind: 'fixed', latencyMs: 2 } } as const;

/** The configuration of every process for a variant; the seed goes to all services. */
export function configsOf(experiment: Experiment, variant: Experiment['variants'][string]): Configs {
  const { seed } = experiment;
  const { policies, httpClient, downstream = experiment.downstream } = variant;
  const rest = { downstream: { ...downstream, seed } };
  if (variant.path === 'rpc') {
    return {
      ...rest,
      gateway: { seed, policies, clients: variant.clients, httpClient },
      publisher: {},
      nats: usualBroker,
      consumer: { seed },
    };
  }
  const { consumer, stream, broker } = variant;
  return {
    ...rest,
    gateway: { seed },
    publisher: { stream },
    nats: broker,
    consumer: { ...consumer, seed, policies, httpClient },
  };
}
