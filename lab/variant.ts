import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { NatsConnection } from '@nats-io/transport-node';
import { deleteStreams } from '#kit/broker.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { durationMs } from '#load/phases.ts';
import type { Counts, Summary } from '#load/protocol.ts';
import { type Effects, readEffects } from './audit/effects.ts';
import { type Requests, readRecord } from './audit/record.ts';
import { type Remains, readRemains } from './audit/stream.ts';
import { type Injected, inject } from './chaos/faults.ts';
import { configsOf, type ServiceConfigs, warmDownstream } from './configs.ts';
import { type Control, type Samples, total } from './control.ts';
import type { ServiceName, Testbed } from './engine/testbed.ts';
import type { Experiment } from './experiment/schema.ts';
import type { Generator } from './generator.ts';
import { type Sample, sampleUntil } from './sampler.ts';
import { intervalMs } from './series.ts';

/** What every variant of a run works with. */
export interface Bench {
  readonly experiment: Experiment;
  readonly testbed: Testbed;
  readonly controls: Readonly<Record<ServiceName, Control>>;
  readonly generator: Generator;
  readonly broker: NatsConnection;
  /** The run's folder; raw data go into one per variant. */
  readonly folder: string;
  /** Paths that have been warmed up in this run. */
  readonly warmed: Set<'rpc' | 'event'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress: (stage: 'warm-up' | 'run' | 'drain', counts?: Counts) => void;
}

/** All that was observed of one variant, not yet judged. */
export interface Observation {
  readonly name: string;
  readonly summary: Summary;
  readonly requests: Requests;
  readonly effects: Effects;
  readonly remains: Remains | undefined;
  readonly samples: readonly Sample[];
  readonly before: Readonly<Record<ServiceName, Samples>>;
  readonly after: Readonly<Record<ServiceName, Samples>>;
  readonly injected: readonly Injected[];
  readonly configs: ServiceConfigs;
  /** From the first due time until downstream was idle or the drain was over. */
  readonly durationMs: number;
}

/** Configures the testbed, warms it up, offers the load, and collects what every witness says. */
export async function observe(bench: Bench, name: string, folder: string): Promise<Observation> {
  const { experiment, controls, clock } = bench;
  const variant = experiment.variants[name]!;
  const configs = configsOf(experiment, variant);
  bench.onProgress('warm-up');
  await configure(bench, { ...configs, downstream: warmDownstream });
  await warmUp(bench, variant.path);
  await configure(bench, configs);
  await controls.downstream.request('DELETE', '/effects');

  bench.onProgress('run');
  const before = await scrapeAll(controls);
  const recordFile = join(folder, 'requests.csv');
  const measuring = new AbortController();
  const everyMs = intervalMs(durationMs(experiment.load));
  const samples = sampleUntil(measuring.signal, variant.path, controls, everyMs, clock);
  const startedAtMs = clock.now();
  const stopFaults = AbortSignal.any([bench.signal, measuring.signal]);
  const injections = Promise.all(
    experiment.faults.map((fault) =>
      inject(
        fault,
        bench.testbed,
        configs[fault.target as ServiceName] ?? {},
        startedAtMs,
        clock,
        stopFaults,
      ),
    ),
  );
  try {
    const summary = await Promise.race([
      bench.generator.run({ ...target(bench, variant.path), ...loadOf(experiment), recordFile }, (counts) =>
        bench.onProgress('run', counts),
      ),
      failureOf(injections),
    ]);
    bench.onProgress('drain');
    const injected = (await injections).filter((one) => one !== undefined);
    await idle(bench);
    measuring.abort();
    // Nothing may move any more while one witness is heard after the other.
    await controls.consumer.configure({ ...configs.consumer, paused: true });
    await idle(bench);
    return {
      name,
      summary,
      requests: await readRecord(recordFile, summary.planned),
      effects: await saveEffects(controls.downstream, join(folder, 'effects.ndjson'), summary.planned),
      remains: variant.path === 'event' ? await readRemains(bench.broker) : undefined,
      samples: await samples,
      before,
      after: await scrapeAll(controls),
      injected,
      configs,
      durationMs: clock.now() - summary.startedAtMs,
    };
  } finally {
    measuring.abort();
    await injections.catch(() => undefined);
  }
}

/** Rejects when the promise does, and otherwise leaves the race to others. */
const failureOf = (promise: Promise<unknown>): Promise<never> =>
  new Promise((_, reject) => {
    promise.catch(reject);
  });

/** What has never run is slow for longer, so the first variant on a path is warmed up the more. */
async function warmUp(bench: Bench, path: 'rpc' | 'event'): Promise<void> {
  const { requests, concurrency } = bench.experiment.warmup;
  const times = bench.warmed.has(path) ? 1 : firstWarmupTimes;
  await bench.generator.warm({ ...target(bench, path), requests: times * requests, concurrency });
  bench.warmed.add(path);
  await idle(bench);
}

const firstWarmupTimes = 4;

/** Everything in its first state: new streams, policies that have seen nothing. */
async function configure({ controls, broker }: Bench, configs: ServiceConfigs): Promise<void> {
  await deleteStreams(broker);
  await Promise.all([
    controls.downstream.configure(configs.downstream),
    controls.gateway.configure(configs.gateway),
    controls.publisher.configure(configs.publisher),
  ]);
  await controls.consumer.configure(configs.consumer);
}

function target({ testbed, experiment }: Bench, path: 'rpc' | 'event') {
  const url = path === 'rpc' ? testbed.traffic.gateway : testbed.traffic.publisher;
  return { path, url, natsUrl: testbed.natsUrl, connections: experiment.connections };
}

function loadOf({ seed, deadlineMs, load, drainMs }: Experiment) {
  return { seed, deadlineMs, load, drainMs };
}

/** Waits until downstream has nothing more in hand, at most as long as the drain may take. */
async function idle({ controls, clock, experiment, signal }: Bench): Promise<void> {
  const giveUpAtMs = clock.now() + experiment.drainMs;
  while (clock.now() < giveUpAtMs) {
    const inFlight = total(
      await controls.downstream.scrape(['spillway_work_in_flight']),
      'spillway_work_in_flight',
    );
    if (inFlight === 0) return;
    await sleep(50, clock, signal);
  }
}

async function scrapeAll(controls: Bench['controls']): Promise<Record<ServiceName, Samples>> {
  const [downstream, gateway, publisher, consumer] = await Promise.all([
    controls.downstream.scrape(),
    controls.gateway.scrape(),
    controls.publisher.scrape(),
    controls.consumer.scrape(),
  ]);
  return { downstream, gateway, publisher, consumer };
}

async function saveEffects(downstream: Control, file: string, planned: number): Promise<Effects> {
  await pipeline(await downstream.stream('/effects'), createWriteStream(file));
  return readEffects(file, planned);
}
