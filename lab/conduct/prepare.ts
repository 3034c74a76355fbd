import { deleteStreams, ensureConsumer, ensureStreams } from '#kit/broker/broker.ts';
import { isEqual } from '#kit/json.ts';
import { type Configs, warmDownstream } from '#lab/experiment/configs.ts';
import { requestOf } from '#lab/experiment/request.ts';
import type { BrokerOptions } from '#lab/kit/topology/broker-options.ts';
import { hasPath, servicesBefore } from '#lab/kit/topology/paths.ts';
import { namesOf } from '#lab/kit/topology/replicas.ts';
import { answerOf } from '#lab/world/broker-answer.ts';
import type { WarmUp } from '#load/protocol.ts';
import { idle, recovered } from './quiesce.ts';
import type { VariantTestbed } from './variant-testbed.ts';

/** Resets the testbed for a variant and warms it up. */
export async function prepare(open: VariantTestbed, name: string, configs: Configs): Promise<WarmUp> {
  const { experiment, controls } = open;
  const { path } = experiment.variants[name]!;
  open.onProgress('warm-up');
  if (path === 'event') await configureBroker(open, configs.nats);
  open.announcement.begin(experiment, name);
  await configure(open, { ...configs, downstream: warmDownstream(configs) });
  const warmed = await warmUp(open, name);
  await configure(open, configs);
  await controls.downstream.request('DELETE', '/effects');
  return warmed;
}

/** Warms up each replica. The first variant on a path gets more requests, since its code is cold. */
async function warmUp(open: VariantTestbed, name: string): Promise<WarmUp> {
  const { warmup, replicas, variants } = open.experiment;
  const { path, callers = gently } = variants[name]!;
  if (open.isCold) open.warmed.delete(path);
  const times = (open.warmed.has(path) ? 1 : firstWarmupTimes) * Math.max(...Object.values(replicas));
  const at = target(open, name);
  const warmed = await open.generator.warm({
    ...at,
    requests: times * warmup.requests,
    concurrency: at.onDemand ? Math.min(gently, callers, warmup.concurrency) : warmup.concurrency,
  });
  open.warmed.add(path);
  const left = await idle(open, path); // of the warm-up, or of the variant before
  return { ...warmed, unfinished: Math.max(warmed.unfinished, left) };
}

const firstWarmupTimes = 4;

/** Most requests at a time in the warm-up of a service of unknown capacity. */
const gently = 4;

/** Configures the services. This also recreates the streams, and resets the state of the policies. */
async function configure(open: VariantTestbed, configs: Configs): Promise<void> {
  const { controls, experiment } = open;
  await Promise.all([
    controls.downstream.configure(configs.downstream),
    controls.gateway.configure(configs.gateway),
    hasPath(experiment, 'event') ? configureEvents(open, configs) : undefined,
  ]);
}

async function configureBroker(open: VariantTestbed, options: BrokerOptions): Promise<void> {
  const { testbed } = open;
  // The number of replicas is an option of the streams.
  const { replicas } = options;
  if (testbed.broker === undefined || isEqual({ ...testbed.broker, replicas }, options)) return;
  const servers = namesOf('nats', options.servers);
  await Promise.all(servers.map((name) => testbed.end(name, 'SIGTERM')));
  await Promise.all(servers.map((name) => testbed.restart(name, options)));
  await recovered(open);
}

async function configureEvents(open: VariantTestbed, { publisher, consumer }: Configs): Promise<void> {
  const { controls, broker, testbed } = open;
  const { natsUrl } = testbed;
  await answerOf(natsUrl, deleteStreams(broker));
  // A foreign publisher or consumer expects the streams or the consumer that Spillway's own service would create.
  if (controls.publisher.isForeign) await answerOf(natsUrl, ensureStreams(broker));
  await controls.publisher.configure(publisher);
  if (controls.consumer.isForeign) await answerOf(natsUrl, ensureConsumer(broker, ackWaitMs));
  await controls.consumer.configure(consumer);
}

const ackWaitMs = 30_000;

/** Returns the target for the generator's requests of a variant, and their form if it isn't the usual one. */
export function target({ testbed, controls, experiment }: VariantTestbed, name: string) {
  const variant = experiment.variants[name]!;
  const { path } = variant;
  const [first] = servicesBefore[path];
  const url = testbed.traffic[first];
  const request = controls[first].isForeign ? requestOf(experiment, variant) : undefined;
  const { natsUrl, natsCredentials } = testbed;
  const isForeign = servicesBefore[path].some((name) => controls[name].isForeign);
  const onDemand = isForeign || undefined;
  return { path, url, natsUrl, natsCredentials, request, connections: experiment.connections, onDemand };
}
