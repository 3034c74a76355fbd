import { isDeepStrictEqual } from 'node:util';
import { deleteStreams, ensureConsumer, ensureStreams } from '#kit/broker/broker.ts';
import type { Path } from '#kit/wire.ts';
import { type Configs, warmDownstream } from '#lab/experiment/configs.ts';
import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import { answerOf } from '#lab/testbed/broker.ts';
import type { BrokerOptions } from '#lab/topology/broker-options.ts';
import { hasPath, servicesBefore } from '#lab/topology/paths.ts';
import { busiestSpan } from '#load/phases.ts';
import type { WarmUp } from '#load/protocol.ts';
import { announceVariant } from './announcement.ts';
import type { OpenTestbed, VariantTestbed } from './open-testbed.ts';
import { idle, recovered } from './quiesce.ts';

/** Leaves everything in its first state, but warm. */
export async function prepare(open: VariantTestbed, name: string, configs: Configs) {
  const { experiment, controls } = open;
  const { path } = experiment.variants[name]!;
  open.onProgress('warm-up');
  if (path === 'event') await configureBroker(open, configs.nats);
  const announced = announceVariant(open.announcement, experiment, name);
  await configure(open, { ...configs, downstream: warmDownstream });
  const warmed = await warmUp(open, name);
  await configure(open, configs);
  await controls.downstream.request('DELETE', '/effects');
  return { announced, warmUp: warmed };
}

/**
 * What has never run is slow for longer, so the first variant on a path is warmed up the more, and each replica as if
 * it were alone.
 */
async function warmUp(open: OpenTestbed, name: string): Promise<WarmUp> {
  const { warmup, replicas, variants } = open.experiment;
  const variant = variants[name]!;
  const { path, httpClient } = variant;
  const code = `${path} ${httpClient}`;
  const times = (open.warmed.has(code) ? 1 : firstWarmupTimes) * Math.max(...Object.values(replicas));
  const at = target(open, path);
  const warmed = await open.generator.warm({
    ...at,
    requests: times * warmup.requests,
    concurrency: at.onDemand ? widthOf(open.experiment, variant) : warmup.concurrency,
  });
  open.warmed.add(code);
  await idle(open, path);
  return warmed;
}

const firstWarmupTimes = 4;

/**
 * Number of requests that a variant can have open at once while it is healthy: its callers, or the most requests
 * scheduled within one deadline (Little's law).
 */
export function widthOf(
  {
    load,
    seed,
    deadlineMs,
    warmup: { concurrency },
  }: Pick<Experiment, 'load' | 'seed' | 'deadlineMs' | 'warmup'>,
  { callers }: Pick<Variant, 'callers'>,
): number {
  return Math.max(1, Math.min(concurrency, callers ?? busiestSpan(load, seed, deadlineMs, concurrency)));
}

/** Everything in its first state: new streams, policies that have seen nothing. */
async function configure(open: OpenTestbed, configs: Configs): Promise<void> {
  const { controls, experiment } = open;
  await Promise.all([
    controls.downstream.configure(configs.downstream),
    controls.gateway.configure(configs.gateway),
    hasPath(experiment, 'event') ? configureEvents(open, configs) : undefined,
  ]);
}

/** A broker holds to its options from its start on. */
async function configureBroker(open: OpenTestbed, options: BrokerOptions): Promise<void> {
  const { testbed } = open;
  if (testbed.broker === undefined || isDeepStrictEqual(testbed.broker, options)) return;
  await testbed.end('nats', 'SIGTERM');
  await testbed.restart('nats', options);
  await recovered(open);
}

async function configureEvents(
  { controls, broker, testbed }: OpenTestbed,
  { publisher, consumer }: Configs,
): Promise<void> {
  const { natsUrl } = testbed;
  await answerOf(natsUrl, deleteStreams(broker));
  // A publisher or consumer that is not Spillway's finds what ours would have made.
  if (!testbed.control.publisher) await answerOf(natsUrl, ensureStreams(broker));
  await controls.publisher.configure(publisher);
  if (!testbed.control.consumer) await answerOf(natsUrl, ensureConsumer(broker, ackWaitMs));
  await controls.consumer.configure(consumer);
}

/** For a consumer that is not Spillway's. */
const ackWaitMs = 30_000;

/** Where the requests of a path go. */
export function target({ testbed, experiment }: OpenTestbed, path: Path) {
  const url = testbed.traffic[servicesBefore[path][0]];
  const { natsUrl, natsCredentials } = testbed;
  const isForeign = servicesBefore[path].some((name) => testbed.control[name] === undefined);
  const onDemand = isForeign || undefined;
  return { path, url, natsUrl, natsCredentials, connections: experiment.connections, onDemand };
}
