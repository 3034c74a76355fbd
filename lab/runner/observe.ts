import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Path } from '#kit/wire.ts';
import type { Remains } from '#lab/analysis/observation/observation.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import { CounterDeltas } from '#lab/evidence/counter-deltas.ts';
import { readEffects } from '#lab/evidence/effects.ts';
import { EvidenceError } from '#lab/evidence/evidence-error.ts';
import type { VariantRecord } from '#lab/evidence/format.ts';
import { fillAttempts } from '#lab/evidence/requests.ts';
import type { EvidenceWriter } from '#lab/evidence/writer.ts';
import { type Configs, configsOf } from '#lab/experiment/configs.ts';
import type { Experiment, Fault, Variant } from '#lab/experiment/schema.ts';
import { slowed } from '#lab/experiment/slow-motion.ts';
import type { Final } from '#lab/result/schema-helpers.ts';
import { answerOf } from '#lab/testbed/broker/broker.ts';
import type { ServiceControl } from '#lab/testbed/control/controls.ts';
import { callers, hasPath } from '#lab/topology/paths.ts';
import { durationMs } from '#load/phases.ts';
import type { Counts, Summary } from '#load/protocol.ts';
import type { Bench, VariantBench } from './bench.ts';
import { Faults } from './faults.ts';
import { prepare, target } from './prepare.ts';
import { idle, recovered } from './quiesce.ts';
import { Redrives } from './redrives.ts';
import type { Scraper } from './scraper.ts';
import { StallReader } from './stall-reader.ts';
import { SteadyState } from './steady-state.ts';
import { readDeliveries, readRemains } from './stream.ts';
import { Tampering } from './tampering.ts';

export type Evidence = EvidenceWriter<Final<VariantRecord>>;

/** Writers of the evidence of a variant. */
interface Recording {
  readonly evidence: Evidence;
  /** Samples already, and is stopped at the end. */
  readonly scraper: Scraper;
}

/** Conducts a variant, and records what is observed. Resolves with the generator's counts. */
export async function observe(
  bench: VariantBench,
  name: string,
  folder: string,
  recording: Recording,
): Promise<Counts> {
  const experiment = slowed(bench.experiment, bench.slowMotion);
  const steady = new SteadyState(bench.experiment, name, join(folder, 'requests.csv'), bench.slowMotion);
  const counts = await conduct({ ...bench, experiment }, name, folder, steady, recording);
  if (recording.evidence.failure) throw recording.evidence.failure;
  return counts;
}

/** Configures the testbed, warms it up, offers the load, and records what every witness says. */
async function conduct(
  bench: VariantBench,
  name: string,
  folder: string,
  steady: SteadyState,
  { evidence: { write, failed }, scraper }: Recording,
): Promise<Counts> {
  const { experiment, controls, clock } = bench;
  const variant = experiment.variants[name]!;
  const configs = configsOf(experiment, variant);
  const { announced, warmUp } = await prepare(bench, name, configs);
  write({ record: 'configs', of: configs, broker: bench.testbed.broker ?? null });
  write({ record: 'warm-up', unfinished: warmUp.unfinished, firstErrors: warmUp.firstErrors });
  bench.onProgress('run', { elapsedMs: 0, maxMs: longestMs(experiment) });
  await scraper.scrape();
  const readBroker = await brokerReader(bench, variant.path);
  const tampering = new Tampering(controls, () => new CounterDeltas(scraper.scrapes));
  await tampering.begin();
  const recordFile = join(folder, 'requests.csv');
  const stalls = new StallReader(controls);
  const faults = faultsOf(bench, configs, { scraper, stalls, announced }, write);
  const plans = variant.path === 'event' ? experiment.redrives : [];
  const redrives = new Redrives(plans, { ...bench, record: write });
  try {
    const summary = await Promise.race([
      bench.generator.run(
        { ...offerOf(bench, variant), redrives: redrives.planned, recordFile },
        {
          started(atMs) {
            write({ record: 'started', atMs });
            faults.begin(atMs, steady.holds);
            redrives.begin(atMs);
          },
          progress({ elapsedMs, offered, inFlight, outcomes }) {
            const counts = { elapsedMs, offered, inFlight, outcomes };
            write({ record: 'progress', ...counts });
            reportRun(bench, counts);
            announced.counted(counts);
          },
          recorded: (until) => steady.recorded(until),
        },
      ),
      faults.failed,
      failed,
    ]);
    steady.recorded({ elapsedMs: Number.POSITIVE_INFINITY });
    await redrives.stop();
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
    await scraper.stop();
    await hear(bench, variant.path, folder, { summary, scraper, stalls, tampering, readBroker }, write);
    write({ record: 'unsteady', missed: await steady.missed });
    write({ record: 'end', atMs: endedAtMs, atWork });
    return summary;
  } finally {
    steady.end();
    const [uncleared] = await Promise.all([faults.stop(), redrives.stop()]);
    bench.uncleared.push(...uncleared);
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

interface Watching {
  readonly scraper: Scraper;
  readonly stalls: StallReader;
  readonly announced: { broken(faults: readonly Fault[]): void };
}

/** The faults of a variant, which are recorded, and before which its processes are scraped. */
function faultsOf(
  bench: Bench,
  configs: Configs,
  { scraper, stalls, announced }: Watching,
  write: Evidence['write'],
): Faults {
  return new Faults({
    ...bench,
    configs,
    counterDeltas: {
      resumed: (name) => scraper.resumed(name),
      async scrape(names, withinMs) {
        await Promise.all([scraper.scrape(names, withinMs), stalls.keep(names, withinMs)]);
      },
    },
    injected: ({ fault: { name }, ...span }) => write({ record: 'fault', name, ...span }),
    changed(active) {
      write({ record: 'active-faults', atMs: bench.clock.now(), names: active.map(({ name }) => name) });
      announced.broken(active);
    },
  });
}

interface Heard {
  readonly summary: Summary;
  readonly scraper: Scraper;
  readonly stalls: StallReader;
  readonly tampering: Tampering;
  readonly readBroker: () => Promise<Remains | undefined>;
}

/** Records what every witness says, once nothing moves any more. */
async function hear(
  bench: Bench,
  path: Path,
  folder: string,
  { summary, scraper, stalls, tampering, readBroker }: Heard,
  write: Evidence['write'],
): Promise<void> {
  // What is not ours can't be stopped: so an event is seen in the stream or its effect is, and an effect is counted.
  const remains = await readBroker();
  if (remains) write(recordOf(remains));
  await saveLogs(bench, path, folder);
  await scraper.scrape();
  write({ record: 'tampering', findings: await tampering.end() });
  write({ record: 'stalls', ...(await stalls.read(summary)) });
  const { stalled: _, ...totals } = summary;
  write({ record: 'summary', ...totals });
}

const recordOf = ({ pending, dead, deliveries, ...rest }: Remains): Final<VariantRecord> => ({
  record: 'remains',
  pending: [...pending],
  dead: [...dead],
  ...rest,
  ...(deliveries !== undefined && { deliveries }),
});

function offerOf(bench: Bench, { path, callers }: Variant) {
  const { seed, deadlineMs, load, classes, drainMs } = bench.experiment;
  return { ...target(bench, path), seed, deadlineMs, load, classes, drainMs, callers };
}

/** Saves the effect log, and if the caller is foreign, the attempts that downstream counted. */
async function saveLogs({ controls, testbed }: Bench, path: Path, folder: string): Promise<void> {
  await save(controls.downstream, '/effects', join(folder, 'effects.ndjson'), (file) => readEffects(file, 0));
  if (testbed.control[callers[path]] !== undefined) return;
  const none = { attempts: new Float64Array() };
  await save(controls.downstream, '/attempts', join(folder, 'attempts.ndjson'), (file) =>
    fillAttempts(none, file),
  );
}

/** Rejects with TestbedError if what was saved can't be read again. */
async function save(
  downstream: ServiceControl,
  path: '/effects' | '/attempts',
  file: string,
  read: (file: string) => Promise<unknown>,
): Promise<void> {
  await pipeline(downstream.stream(path), createWriteStream(file));
  await read(file).catch((cause) => {
    if (!(cause instanceof EvidenceError)) throw cause;
    throw new TestbedError(`${path.slice(1)}-strange`, cause.message, { cause });
  });
}
