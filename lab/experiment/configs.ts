import { type BrokerOptions, defaultBroker } from '#lab/kit/topology/broker-options.ts';
import type { ServiceName } from '#lab/kit/topology/names.ts';
import { publishTimeoutMsDefault } from '#publisher/config.ts';
import type { Experiment } from './schema.ts';

export type Configs = Readonly<Record<ServiceName, Readonly<Record<string, unknown>>>> & {
  readonly nats: BrokerOptions;
};

/** Returns the configuration of downstream for the warm-up, in which it is fast and reliable. */
export const warmDownstream = ({ downstream: { seed, accepts } }: Configs) => ({
  ...{ seed, model: { kind: 'fixed', latencyMs: 2 } },
  ...(accepts !== undefined && { accepts }),
});

/** Returns the options of the broker before the first variant of path event has its own. */
export const firstBroker = ({ variants }: Pick<Experiment, 'variants'>): BrokerOptions =>
  Object.values(variants).find((variant) => variant.path === 'event')?.broker ?? defaultBroker;

/** Returns the configuration of every process for a variant of an experiment, already slowed by `slowMotion`. */
export function configsOf(
  experiment: Experiment,
  variant: Experiment['variants'][string],
  slowMotion = 1,
): Configs {
  const { seed } = experiment;
  const { policies, downstream = experiment.downstream } = variant;
  const rest = { downstream: { ...downstream, seed } };
  if (variant.path === 'rpc') {
    return {
      ...rest,
      gateway: { seed, policies, clients: variant.clients },
      publisher: {},
      nats: firstBroker(experiment),
      consumer: { seed },
    };
  }
  const { consumer, stream, broker } = variant;
  return {
    ...rest,
    gateway: { seed },
    publisher: {
      ...{ stream, replicas: broker.replicas },
      // No field of an experiment holds this time, so `slowed` can't multiply it.
      ...(slowMotion !== 1 && { publishTimeoutMs: slowMotion * publishTimeoutMsDefault }),
    },
    nats: broker,
    consumer: { ...consumer, seed, policies },
  };
}
