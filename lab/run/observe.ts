import { createWriteStream } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Path } from '#kit/wire.ts';
import { fillAttempts } from '#lab/audit/attempts.ts';
import { belatedBeside, type Effects, readEffects } from '#lab/audit/effects.ts';
import { type Requests, readRecord } from '#lab/audit/record.ts';
import { type Remains, readDeliveries, readRemains } from '#lab/audit/stream.ts';
import { answerOf } from '#lab/broker.ts';
import { Faults, type Injected } from '#lab/chaos/faults.ts';
import type { ServiceControl } from '#lab/control/controls.ts';
import type { Samples } from '#lab/control/samples.ts';
import type { BrokerOptions } from '#lab/engine/broker-options.ts';
import { type ServiceName, type ServiceProcess, serviceNames } from '#lab/engine/testbed.ts';
import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import { slowed } from '#lab/experiment/slow-motion.ts';
import { callers, hasPath } from '#lab/paths.ts';
import type { HypothesisResult } from '#lab/result/result.ts';
import { durationMs } from '#load/phases.ts';
import type { Counts, FirstErrors, Summary } from '#load/protocol.ts';
import type { Bench, VariantBench } from './bench.ts';
import { type Configs, configsOf } from './configs.ts';
import { Growth } from './growth.ts';
import { idle, recovered } from './idle.ts';
import { inOwnTime } from './own-time.ts';
import { prepare, target } from './prepare.ts';
import { type Redriven, Redrives } from './redrives.ts';
import { type Sample, sampleUntil } from './sampler.ts';
import { intervalMs } from './series.ts';
import { StallReader, type Stalls } from './stalls.ts';
import { SteadyState } from './steady-state.ts';
import { Tampering } from './tampering.ts';

/** All that was observed of one variant, not yet judged. */
export interface Observation {
  readonly name: string;
  readonly summary: Summary;
  readonly requests: Requests;
  readonly effects: Effects;
  readonly remains: Remains | undefined;
  readonly samples: readonly Sample[];
  /** How much each service's counters grew. */
  readonly grown: Readonly<Record<ServiceName, Samples>>;
  /** The same by process. */
  readonly each: ReadonlyMap<ServiceProcess, Samples>;
  /** How much downstream's did while it did not stand still by a fault. */
  readonly awake: Samples;
  /** The most attempts that downstream worked on at once, of several replicas the sum of what each did; null where it does not say. */
  readonly peakInFlight: number | null;
  /** Processes that were killed, and so begun anew. */
  readonly restarted: readonly ServiceProcess[];
  /** Services that are not Spillway's. */
  readonly foreign: readonly ServiceName[];
  /** What of its steady state was missed before the first fault, so that nothing was broken. */
  readonly unsteady: readonly HypothesisResult[];
  /** Requests of the warm-up that came to no end before the load began, or attempts of theirs. */
  readonly unwarmed: number;
  /** Why requests of it came to no end, where the generator knows. */
  readonly warmUpErrors: FirstErrors;
  /** Attempts that downstream, or whoever makes them, was still at work on when the time for it was over. */
  readonly atWork: number;
  readonly injected: readonly Injected[];
  readonly redriven: readonly Redriven[];
  /** Changes over the control ports that were not the lab's, and faults in force before the load began. */
  readonly byHand: readonly string[];
  /** Stalls of all processes, including those that faults caused. */
  readonly stalls: Stalls;
  readonly configs: Configs;
  /** How the broker ran; unknown of one that is not ours. */
  readonly ran: BrokerOptions | undefined;
  /** From the first due time until downstream was idle or the drain was over. */
  readonly durationMs: number;
}

/**
 * Conducts a variant, in slow motion where the bench says so, and returns what was observed in the experiment's own time.
 */
export async function observe(bench: VariantBench, name: string, folder: string): Promise<Observation> {
  const experiment = slowed(bench.experiment, bench.slowMotion);
  const steady = new SteadyState(bench.experiment, name, join(folder, 'requests.csv'), bench.slowMotion);
  const observed = await conduct({ ...bench, experiment }, name, folder, steady);
  return inOwnTime(observed, bench.experiment, bench.slowMotion);
}

/** Configures the testbed, warms it up, offers the load, and collects what every witness says. */
async function conduct(
  bench: VariantBench,
  name: string,
  folder: string,
  steady: SteadyState,
): Promise<Observation> {
  const { experiment, controls, clock } = bench;
  const variant = experiment.variants[name]!;
  const configs = configsOf(experiment, variant);
  const { announced, unwarmed, warmUpErrors } = await prepare(bench, name, configs);
  bench.onProgress('run', { elapsedMs: 0, maxMs: longestMs(experiment) });
  const growth = new Growth(controls);
  await growth.scrape();
  const readBroker = await brokerReader(bench, variant.path);
  const tampering = new Tampering(controls, growth);
  await tampering.begin();
  const recordFile = join(folder, 'requests.csv');
  const measuring = new AbortController();
  const samples = sampleUntil(measuring.signal, variant.path, controls, sampledEveryMs(experiment), clock);
  const stalls = new StallReader(controls);
  const witnesses = {
    resumed: (name: ServiceProcess) => growth.resumed(name),
    async scrape(names: readonly ServiceProcess[], withinMs: number) {
      await Promise.all([growth.scrape(names, withinMs), stalls.keep(names, withinMs)]);
    },
  };
  const faults = new Faults({ ...bench, configs, growth: witnesses, changed: announced.broken });
  const redrives = new Redrives(variant.path === 'event' ? experiment.redrives : [], bench);
  try {
    const summary = await Promise.race([
      bench.generator.run(
        { ...offerOf(bench, variant), redrives: redrives.planned, recordFile },
        {
          started(atMs) {
            faults.begin(atMs, steady.holds);
            redrives.begin(atMs);
          },
          progress(counts) {
            reportRun(bench, counts);
            announced.counted(counts);
          },
          recorded: (until) => steady.recorded(until),
        },
      ),
      faults.failed,
    ]);
    steady.recorded({ elapsedMs: Number.POSITIVE_INFINITY });
    const redriven = await redrives.stop();
    const onWait = drainProgress(bench);
    announced.over(summary);
    const injected = await faults.ended();
    if (injected.length > 0) await recovered(bench, onWait);
    await tampering.compare();
    // As the generator hangs up on the calls that it still waits for, so nothing more is begun on the other path.
    if (hasPath(experiment, 'event'))
      await controls.consumer.configure({ ...configs.consumer, paused: true });
    // Nothing may move any more while one witness is heard after the other.
    const atWork = await idle(bench, variant.path, onWait);
    const endedAtMs = clock.now();
    measuring.abort();
    const heard = await hear(bench, folder, { summary, growth, stalls, tampering, readBroker });
    return {
      name,
      summary,
      requests: await readRequests(bench, variant.path, recordFile, summary.planned),
      ...heard,
      samples: await samples,
      foreign: serviceNames.filter((name) => bench.testbed.control[name] === undefined),
      unsteady: await steady.missed,
      warmUpErrors,
      unwarmed: Math.max(unwarmed, belatedBeside(heard.effects, summary.startedAtMs)),
      atWork,
      injected,
      redriven,
      configs,
      ran: bench.testbed.broker,
      durationMs: endedAtMs - summary.startedAtMs,
    };
  } finally {
    measuring.abort();
    steady.end();
    const [unmended] = await Promise.all([faults.stop(), redrives.stop()]);
    bench.unmended.push(...unmended);
  }
}

const longestMs = ({ load, drainMs }: Experiment): number => durationMs(load) + drainMs;

function reportRun({ experiment, onProgress }: VariantBench, counts: Counts): void {
  const { elapsedMs, inFlight } = counts;
  onProgress('run', { elapsedMs, maxMs: longestMs(experiment), inFlight, counts });
}

/** Begins the stage of the drain; returns a listener that reports how far it is. */
function drainProgress({ clock, onProgress, experiment: { drainMs } }: VariantBench) {
  const startMs = clock.now();
  onProgress('drain', { elapsedMs: 0, maxMs: drainMs });
  return (giveUpAtMs: number, inFlight?: number) =>
    onProgress('drain', {
      elapsedMs: clock.now() - startMs,
      maxMs: giveUpAtMs - startMs,
      ...(inFlight !== undefined && { inFlight }),
    });
}

/** Returns a function that reads at the end what the broker still holds, and what it delivered from now on. */
async function brokerReader(
  { broker, testbed: { natsUrl } }: Bench,
  path: Path,
): Promise<() => Promise<Remains | undefined>> {
  if (path === 'rpc') return async () => undefined;
  const before = await answerOf(natsUrl, readDeliveries(broker));
  return () => answerOf(natsUrl, readRemains(broker, before));
}

/** Hears every witness, once nothing moves any more. */
async function hear(
  { controls }: Bench,
  folder: string,
  {
    summary,
    growth,
    stalls,
    tampering,
    readBroker,
  }: {
    summary: Summary;
    growth: Growth;
    stalls: StallReader;
    tampering: Tampering;
    readBroker: () => Promise<Remains | undefined>;
  },
) {
  // What is not ours can't be stopped: so an event is seen in the stream or its effect is, and an effect is counted.
  const remains = await readBroker();
  const effects = await saveEffects(controls.downstream, join(folder, 'effects.ndjson'), summary.planned);
  await growth.scrape();
  return {
    effects,
    remains,
    byHand: await tampering.end(),
    stalls: await stalls.read(summary),
    grown: growth.grown,
    each: growth.each,
    awake: growth.awake.downstream,
    peakInFlight: growth.highest('downstream', 'spillway_work_in_flight_peak'),
    restarted: growth.restarted,
  };
}

const sampledEveryMs = ({ load }: Experiment): number => intervalMs(durationMs(load));

function offerOf(bench: Bench, { path, callers }: Variant) {
  const { seed, deadlineMs, load, classes, drainMs } = bench.experiment;
  return { ...target(bench, path), seed, deadlineMs, load, classes, drainMs, callers };
}

async function saveEffects(downstream: ServiceControl, file: string, planned: number): Promise<Effects> {
  await pipeline(downstream.stream('/effects'), createWriteStream(file));
  return readEffects(file, planned);
}

/** The generator's record; what a foreign caller doesn't say of its attempts is downstream's count. */
async function readRequests(
  { controls, testbed }: Bench,
  path: Path,
  recordFile: string,
  planned: number,
): Promise<Requests> {
  const requests = await readRecord(recordFile, planned);
  if (testbed.control[callers[path]] !== undefined) return requests;
  const file = join(dirname(recordFile), 'attempts.ndjson');
  await pipeline(controls.downstream.stream('/attempts'), createWriteStream(file));
  await fillAttempts(requests, file);
  return requests;
}
