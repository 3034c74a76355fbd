import type { ServiceName } from '#lab/engine/testbed.ts';
import type { Experiment } from '#lab/experiment/schema.ts';

/** What each service is configured with, complete. */
export type ServiceConfigs = Readonly<Record<ServiceName, Readonly<Record<string, unknown>>>>;

/** A dependency that answers soon and always, to warm up on. */
export const warmDownstream = { model: { kind: 'fixed', latencyMs: 2 } } as const;

/** The configuration of every service for a variant; the seed goes to all of them. */
export function configsOf(experiment: Experiment, variant: Experiment['variants'][string]): ServiceConfigs {
  const { seed } = experiment;
  const { policies } = variant;
  const rest = { downstream: { ...experiment.downstream, seed } };
  if (variant.path === 'rpc') {
    return { ...rest, gateway: { seed, policies }, publisher: {}, consumer: { seed } };
  }
  const { consumer, stream } = variant;
  return { ...rest, gateway: { seed }, publisher: { stream }, consumer: { ...consumer, seed, policies } };
}
