import { kneeInFlight } from '#downstream/config.ts';
import { readBacklog } from '#kit/broker/backlog.ts';
import { aborted, sleep } from '#kit/clock.ts';
import type { Path } from '#kit/wire.ts';
import { CounterDeltas } from '#lab/evidence/counter-deltas.ts';
import type { Of, VariantRecord } from '#lab/evidence/format.ts';
import { recordFile, type Store } from '#lab/evidence/store.ts';
import type { Writer } from '#lab/evidence/writer.ts';
import { variantAt } from '#lab/experiment/changes.ts';
import { type Configs, configsOf, firstBroker } from '#lab/experiment/configs.ts';
import { slowed } from '#lab/experiment/scaled.ts';
import type { Final } from '#lab/experiment/schema-helpers.ts';
import { intervalMs } from '#lab/judge/figures/series.ts';
import { callers, hasPath } from '#lab/kit/topology/paths.ts';
import { answerOf } from '#lab/world/broker-answer.ts';
import { processesIn, type ServiceControl } from '#lab/world/controls.ts';
import type { Listeners } from '#lab/world/generator.ts';
import { hasNamedReplicas } from '#lab/world/testbed.ts';
import { durationMs } from '#load/phases.ts';
import type { Summary } from '#load/protocol.ts';
import { readCounts, readRemains } from './broker-remains.ts';
import { type ClockReader, clockReader, comparesWallClocks, wallClocksOf } from './clock-reader.ts';
import { FaultInjector } from './fault-injector.ts';
import { prepare, target } from './prepare.ts';
import { idle, recovered } from './quiesce.ts';
import { redrivesOf } from './redrives.ts';
import { type Scraper, scraperOf } from './scraper.ts';
import { type StallReader, stallReader } from './stall-reader.ts';
import { watchTampering } from './tampering.ts';
import { timed } from './timed.ts';
import type { EndProgress, VariantTestbed } from './variant-testbed.ts';
import { type PaceWatch, TooFastError, watchPace } from './watch-pace.ts';

type Evidence = Writer<Final<VariantRecord>>;

interface Observers {
  readonly store: Store;
  readonly evidence: Evidence;
  readonly scraper: Scraper;
  readonly pace: PaceWatch;
}

/**
 * Conducts a variant in slow motion, in which the times of its evidence are. Rejects early if a process dies or
 * can't store its data, if the run is interrupted, or with TooFastError.
 */
export async function observe(open: VariantTestbed, name: string, store: Store): Promise<EndProgress> {
  const ending = new AbortController();
  const signal = AbortSignal.any([open.signal, ending.signal]);
  const experiment = slowed(open.experiment, open.slowMotion);
  // A killed simulation is simply repeated.
  const evidence: Evidence = store.writer(!open.inProcess);
  const { path } = experiment.variants[name]!;
  const scraper = scraperOf(open.controls, path, open.clock, evidence.write, (timeoutMs) =>
    readBacklog(open.broker, timeoutMs),
  );
  try {
    if (open.samples ?? true) scraper.begin(intervalMs(durationMs(experiment.load)));
    const observers = { store, evidence, scraper, pace: watchPace(open, name) };
    const conducting = conduct({ ...open, experiment, signal }, name, observers);
    const ended = Promise.race([conducting, open.testbed.died, aborted(open.signal, ending.signal)]);
    const explained = ended.catch((error) => causeOf(error, open, scraper));
    try {
      return await explained;
    } catch (error) {
      ending.abort();
      if (!(error instanceof TooFastError)) await open.generator.stop();
      await conducting.catch(() => undefined);
      throw error;
    }
  } finally {
    ending.abort();
    await scraper.stop();
    evidence.close();
  }
}

/** Rejects with "process died" or "disk full", if that is the cause of the failed call. Else rejects with its error. */
async function causeOf(error: unknown, { testbed, clock }: VariantTestbed, scraper: Scraper): Promise<never> {
  await Promise.race([testbed.died, sleep(graceMs, clock)]);
  await scraper.scrape().catch(() => undefined);
  await scraper.refuseUnstored();
  throw error;
}

const graceMs = 300;

/** Configures the testbed, warms it up, offers the load, and records all evidence. */
async function conduct(open: VariantTestbed, name: string, observers: Observers): Promise<EndProgress> {
  const { experiment, controls } = open;
  const { store, evidence, scraper, pace } = observers;
  const { write } = evidence;
  const { path } = experiment.variants[name]!;
  const configs = configsOf(experiment, experiment.variants[name]!, open.slowMotion);
  const warmUp = await prepare(open, name, configs);
  const { announcement } = open;
  write({ record: 'configs', of: configs, broker: brokerIn(open, configs) });
  write({ record: 'warm-up', unfinished: warmUp.unfinished, firstErrors: warmUp.firstErrors });
  const maxMs = durationMs(experiment.load) + experiment.drainMs;
  open.onProgress('run', { elapsedMs: 0, maxMs });
  const knee = kneeOf(open);
  await scraper.scrape();
  const readBroker = await brokerReader(open, path);
  const clocks = await clocksOf(open, name);
  const tampering = await watchTampering(controls, () => new CounterDeltas(scraper.scrapes));
  const stalls = stallReader(controls, clocks);
  const faults = faultsOf(open, configs, { scraper, stalls }, write);
  const plans = path === 'event' ? experiment.redrives : [];
  const redrives = redrivesOf(plans, open, write);
  const changes = changesOf(open, name);
  const run = { ...loadOf(open, name), redrives: plans.length > 0, recordFile: store.pathOf(recordFile) };
  const listeners: Listeners = {
    started(atMs) {
      write({ record: 'started', atMs });
      faults.begin(atMs);
      pace.started(atMs, stalls);
      changes.begin(atMs);
      redrives.begin(atMs);
    },
    progress({ lags, latencies, ...rest }) {
      const { elapsedMs, offered, inFlight, outcomes } = rest;
      const counts = { elapsedMs, offered, inFlight, outcomes };
      write({ record: 'progress', ...counts });
      open.onProgress('run', { elapsedMs, maxMs, inFlight: scraper.workInFlight, knee, counts });
      announcement.counted({ ...counts, latencies });
      pace.progress(elapsedMs, lags);
    },
  };
  try {
    const offering = open.generator.run(run, listeners);
    const summary = await Promise.race([offering, faults.failed, changes.failed, evidence.failed]);
    pace.end();
    await Promise.all([redrives.stop(), changes.stop()]);
    const onWait = drainProgress(open);
    announcement.over(summary);
    const injected = await faults.ended();
    if (injected.length > 0 || hasNamedReplicas(open.testbed)) await recovered(open, onWait);
    await pauseConsumer(open, configs);
    // The counts are read one after the other, so nothing may change them in between.
    const atWork = await idle(open, path, onWait);
    const endedAtMs = open.clock.now();
    await scraper.stop();
    // A foreign consumer can't be paused. The effects are read later, so an event that it completes now isn't missed.
    const remains = await readBroker();
    if (remains) write(remains);
    await recordEnd(open, name, observers, { summary, tampering, stalls, clocks });
    write({ record: 'end', atMs: endedAtMs, atWork });
    evidence.flush();
    const peak = new CounterDeltas(scraper.scrapes).highest('downstream', 'spillway_work_in_flight_peak');
    return { counts: summary, inFlight: peak ?? undefined, knee };
  } finally {
    const [uncleared] = await Promise.all([faults.stop(), redrives.stop(), changes.stop()]);
    open.uncleared.push(...uncleared);
  }
}

function changesOf({ experiment, controls, clock, slowMotion }: VariantTestbed, name: string) {
  const variant = experiment.variants[name]!;
  return timed(variant.changes ?? [], clock, async ({ atMs }, signal) => {
    const caller = callers[variant.path];
    const options = configsOf(experiment, variantAt(variant, atMs), slowMotion)[caller];
    if (!signal.aborted) await controls[caller].configure(options);
  });
}

/** Returns the knee of the dependency's replicas together; null if there is none, or if a fault moves it. */
function kneeOf({ experiment, controls }: VariantTestbed): number | null {
  const isMoved = experiment.faults.some(({ fault }) => fault.kind === 'brownout');
  const knee = isMoved ? null : kneeInFlight(experiment.downstream);
  return knee === null || knee <= 1 ? null : knee * controls.downstream.processes.size;
}

function loadOf(open: VariantTestbed, name: string) {
  const { seed, deadlineMs, load, classes, drainMs, variants } = open.experiment;
  return {
    ...target(open, name),
    ...{ seed, deadlineMs, load, classes, drainMs },
    callers: variants[name]!.callers,
  };
}

/** Returns the broker's options in force. The number of replicas is that of the streams, which the publisher made. */
const brokerIn = ({ testbed: { broker } }: VariantTestbed, { nats }: Configs) =>
  broker ? { ...broker, replicas: nats.replicas } : null;

/** Keeps the consumer from starting pending events. The generator has already given up its pending calls. */
async function pauseConsumer({ experiment, controls }: VariantTestbed, configs: Configs): Promise<void> {
  if (!hasPath(experiment, 'event')) return;
  await controls.consumer.configure({ ...configs.consumer, paused: true });
}

interface Ended {
  readonly summary: Summary;
  readonly tampering: Awaited<ReturnType<typeof watchTampering>>;
  readonly stalls: StallReader;
  readonly clocks: ClockReader;
}

async function recordEnd(
  open: VariantTestbed,
  name: string,
  { store, evidence: { write }, scraper }: Observers,
  { summary, tampering, stalls, clocks }: Ended,
): Promise<void> {
  await clocks.read();
  const effects = await open.offline(saveLogs(open, name, store));
  if (!open.inProcess) write(clocks.record(effects));
  await scraper.scrape();
  if (!open.inProcess) await scraper.refuseUnstored();
  write({ record: 'tampering', findings: await tampering() });
  write({ record: 'stalls', ...(await stalls.read(summary)) });
  const { stalled: _stalled, latencies: _latencies, lags: _lags, ...totals } = summary;
  write({ record: 'summary', ...totals });
}

/** Reports the begin of the drain. Returns a function that reports its progress. */
function drainProgress({ clock, onProgress, experiment: { drainMs } }: VariantTestbed) {
  const startMs = clock.now();
  onProgress('drain', { elapsedMs: 0, maxMs: drainMs });
  return (giveUpAtMs: number, inFlight?: number) =>
    onProgress('drain', {
      elapsedMs: clock.now() - startMs,
      maxMs: giveUpAtMs - startMs,
      ...(inFlight !== undefined && { inFlight }),
    });
}

/** Returns a function that reads what is left at the broker, and its counts since `brokerReader` was called. */
async function brokerReader(
  { broker, testbed: { natsUrl }, experiment }: VariantTestbed,
  path: Path,
): Promise<() => Promise<Of<'remains'> | undefined>> {
  if (path === 'rpc') return async () => undefined;
  // The next leader doesn't know all deliveries of the one before.
  const mayChangeLeader =
    firstBroker(experiment).servers > 1 && experiment.faults.some(({ target }) => /^nats/.test(target));
  const before = mayChangeLeader ? undefined : await answerOf(natsUrl, readCounts(broker));
  return () => answerOf(natsUrl, readRemains(broker, before));
}

function faultsOf(
  open: VariantTestbed,
  configs: Configs,
  { scraper, stalls }: { scraper: Scraper; stalls: StallReader },
  write: Evidence['write'],
): FaultInjector {
  return new FaultInjector({
    ...open,
    configs,
    counterDeltas: {
      resumed: (name) => scraper.resumed(name),
      async scrape(names, withinMs) {
        await Promise.all([scraper.scrape(names, withinMs), stalls.keep(names, withinMs)]);
      },
    },
    injected({ fault, ...span }) {
      write({ record: 'fault', name: fault.name, ...span });
    },
    changed(active) {
      write({ record: 'active-faults', atMs: open.clock.now(), names: active.map(({ name }) => name) });
      open.announcement.faultsChanged(active);
    },
  });
}

/** Saves logs, with the attempts of a foreign caller or a client's own HTTP. Resolves with the lines of effects. */
async function saveLogs(
  { controls, experiment, inProcess }: VariantTestbed,
  name: string,
  store: Store,
): Promise<ReadonlyMap<string, number>> {
  const { path, client } = experiment.variants[name]!;
  const lines = await save(controls.downstream, 'effects', store);
  const mayHaveOwnHttp = client !== undefined && !inProcess;
  if (controls[callers[path]].isForeign || mayHaveOwnHttp) await save(controls.downstream, 'attempts', store);
  return lines;
}

async function save(
  downstream: ServiceControl,
  log: 'effects' | 'attempts',
  store: Store,
): Promise<ReadonlyMap<string, number>> {
  const lines = new Map<string, number>();
  async function* pieces() {
    for (const [name, port] of downstream.processes) {
      let count = 0;
      for await (const bytes of port.stream(`/${log}`)) {
        for (const byte of bytes) if (byte === lineBreak) count += 1;
        yield bytes;
      }
      lines.set(name, count);
    }
  }
  await store.save(`${log}.ndjson`, pieces());
  return lines;
}

const lineBreak = 10;

/** Reads the clocks of all processes, and returns their reader. In a simulation it reads none. */
async function clocksOf(open: VariantTestbed, name: string): Promise<ClockReader> {
  const { experiment, controls, clock, clockId, inProcess } = open;
  if (inProcess) return clockReader({ processes: new Map(), clock });
  const { netproxy } = controls;
  const ports = [...processesIn(controls), ...(netproxy ? [['netproxy', netproxy] as const] : [])];
  const pings = ports.map(([name, port]) => [name, () => port.ping()] as const);
  const clocks = clockReader({
    processes: new Map(pings),
    ...{ clock, clockId },
    readWallClocks: comparesWallClocks(experiment.variants[name]!) ? () => wallClocksOf(open) : undefined,
  });
  await clocks.read();
  return clocks;
}
