import { sharedClockErrorMs } from '#kit/clock.ts';
import { isEqual } from '#kit/json.ts';
import type { MetricName } from '#kit/metrics.ts';
import type { Path } from '#kit/wire.ts';
import { effectClock, wallDifferenceMs } from '#lab/evidence/clocks.ts';
import { CounterDeltas } from '#lab/evidence/counter-deltas.ts';
import { belatedBeside } from '#lab/evidence/effects.ts';
import { EvidenceError } from '#lab/evidence/evidence-error.ts';
import { evidenceFile, type Of } from '#lab/evidence/format.ts';
import type { VariantEvidence } from '#lab/evidence/reader.ts';
import { ruleOf, type Samples, together, total } from '#lab/evidence/samples.ts';
import { configsOf } from '#lab/experiment/configs.ts';
import { requestOf } from '#lab/experiment/request.ts';
import { slowed } from '#lab/experiment/scaled.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { mapErrors } from '#lab/judge/result/facts.ts';
import { changedKeys } from '#lab/kit/text/flatten.ts';
import { type BrokerOptions, defaultBroker } from '#lab/kit/topology/broker-options.ts';
import type { ServiceName, ServiceProcess } from '#lab/kit/topology/names.ts';
import { callers, servicesBefore } from '#lab/kit/topology/paths.ts';
import { serviceOf } from '#lab/kit/topology/replicas.ts';
import { isPossible } from '#load/sending/request.ts';
import type { Observation, Sample, VariantSource } from './observation.ts';

/** Rejects with EvidenceError. */
export async function readObservation(experiment: Experiment, source: VariantSource): Promise<Observation> {
  const { store, name, slowMotion, conducted = experiment } = source;
  const evidence = await store.records(experiment, name);
  refuseOther(experiment, evidence, source);
  const { summary, remains, stalls, end } = evidence;
  const variant = experiment.variants[name]!;
  const { path, client } = variant;
  const counterDeltas = new CounterDeltas(
    evidence.scrapes.map(({ process, afterHalt, counters }) => ({
      process: process as ServiceProcess,
      afterHalt,
      samples: samplesOf(counters),
    })),
  );
  const caller = callers[path];
  // In a simulation, which records no clocks, a client has none. After a kill, its caller has counted less, too.
  const hasOwnHttp = client !== undefined && evidence.clocks && makesMoreThanCounted(caller, counterDeltas);
  const foreign = hasOwnHttp || 'command' in variant ? [...source.foreign, caller] : source.foreign;
  const isForeign = foreign.includes(servicesBefore[path][0]);
  const success = isForeign ? requestOf(conducted, conducted.variants[name]!)?.success : undefined;
  const requests = await store.requests(summary.planned, (ending) => isPossible(path, ending, success));
  if (hasOwnHttp) requests.attempts.fill(Number.NaN); // what the caller reported is not all
  if (foreign.includes(caller)) await store.fillAttempts(requests);
  if (hasOwnHttp) requests.rejectUntried();
  const clock = evidence.clocks && effectClock(evidence.clocks);
  const effects = await store.effects(summary.planned, clock?.toLab);
  const plans = experiment.redrives.toSorted((a, b) => a.atMs - b.atMs);
  const observed: Observation = {
    name,
    summary,
    requests,
    effects,
    remains: remains && { ...remains, pending: new Set(remains.pending), dead: new Set(remains.dead) },
    samples: evidence.samples.map((sample) => sampleOf(sample, path)),
    deltas: counterDeltas.deltas,
    byProcess: counterDeltas.byProcess,
    awake: counterDeltas.awake('downstream'),
    peakInFlight: counterDeltas.highest('downstream', 'spillway_work_in_flight_peak'),
    restarted: counterDeltas.restarted,
    foreign,
    unfinishedWarmUp: Math.max(
      evidence['warm-up'].unfinished,
      belatedBeside(effects, summary.startedAtMs, clock?.errorMs),
    ),
    warmUpErrors: evidence['warm-up'].firstErrors,
    atWork: end.atWork,
    injected: evidence.faults.map((fault) => ({
      ...fault,
      fault: experiment.faults.find(({ name }) => name === fault.name)!,
    })),
    redriven: evidence.redrives.map((redrive, index) => ({ ...redrive, plan: plans[index]! })),
    tamperings: evidence.tampering.findings,
    stalls,
    configs: configsOf(experiment, experiment.variants[name]!),
    broker: evidence.configs.broker ?? undefined,
    clocks: evidence.clocks &&
      clock && {
        processes: evidence.clocks.processes,
        comparedWithinMs: clock.errorMs + sharedClockErrorMs,
        wallDifferenceMs: wallDifferenceMs(evidence.clocks),
      },
    durationMs: end.atMs - summary.startedAtMs,
    slowMotion: 1,
  };
  return inOwnTime(observed, slowMotion);
}

/** True if downstream saw more attempts than its caller counted: a client has made some over its own HTTP. */
function makesMoreThanCounted(caller: ServiceName, { deltas }: CounterDeltas): boolean {
  const attemptsOf = (service: ServiceName) => total(deltas[service], 'spillway_attempts_total');
  return attemptsOf('downstream') > attemptsOf(caller);
}

/** Throws EvidenceError for evidence of another experiment, and for evidence that can't answer this experiment. */
function refuseOther(
  experiment: Experiment,
  { configs }: VariantEvidence,
  { store, name, foreign, slowMotion, conducted = experiment }: VariantSource,
): void {
  const refuse = (message: string) => {
    throw new EvidenceError(message, { file: store.pathOf(evidenceFile) });
  };
  const variant = slowed(conducted, slowMotion).variants[name]!;
  const expected = configsOf(slowed(conducted, slowMotion), variant, slowMotion);
  const [other] = changedKeys(withDefaults(expected), withDefaults(configs.of));
  if (other) refuse(`expected the configurations of the experiment, got another ${other}`);
  const receiver = servicesBefore[variant.path].find((service) => foreign.includes(service));
  const [asked, sent] = [experiment, conducted].map((each) => requestOf(each, each.variants[name]!));
  if (receiver && !isEqual(asked, sent))
    refuse(`expected the request of the run, which ${receiver} has received`);
}

/** Returns configurations with the options of the broker that evidence may lack. */
const withDefaults = (configs: Of<'configs'>['of']) => ({
  ...configs,
  nats: { ...defaultBroker, ...(configs.nats as Partial<BrokerOptions>) },
});

/** Returns the gauges that a variant's series consist of. */
export function sampleOf({ atMs, processes, backlog }: Of<'sample'>, path: Path): Sample {
  const answersOf = (service: ServiceName) =>
    Object.entries(processes).flatMap(([name, answer]) =>
      serviceOf(name as ServiceProcess) === service ? [samplesOf(answer ?? {})] : [],
    );
  const [downstream, calling] = [answersOf('downstream'), answersOf(callers[path])];
  return {
    atMs,
    inFlight: gaugeOf(downstream, 'spillway_work_in_flight'),
    retries: calling.map((each) => gaugeOf([each], 'spillway_retries_total')),
    breaker: gaugeOf(calling, 'spillway_breaker_state'),
    backlog:
      gaugeOf(calling, path === 'rpc' ? 'spillway_bulkhead_queued' : 'spillway_stream_messages') ??
      backlog ??
      null,
    dead: path === 'rpc' ? 0 : gaugeOf(calling, 'spillway_dead_letter_messages'),
  };
}

const samplesOf = (answer: Of<'scrape'>['counters']): Samples =>
  new Map(
    Object.entries(answer).map(([series, value]) => [series, Number.isFinite(value) ? value! : Number.NaN]),
  );

function gaugeOf(answers: readonly Samples[], name: MetricName): number | null {
  const value = total(together(answers), name);
  const answered = answers.filter(({ size }) => size > 0).length;
  // Without the answer of one process, a sum would be too low.
  const isKnown = answered > 0 && (ruleOf(name) !== undefined || answered === answers.length);
  return isKnown && !Number.isNaN(value) ? value : null;
}

/** Divides every time of an observation by `factor`. Changes the requests in place. */
export function inOwnTime(observed: Observation, factor: number): Observation {
  if (factor === 1) return observed;
  const own = (ms: number) => ms / factor;
  const ownFields = <T extends object>(value: T, ...names: (keyof T)[]): T => ({
    ...value,
    ...Object.fromEntries(names.map((name) => [name, own(value[name] as number)])),
  });
  const scaled = <K>([name, samples]: [K, Samples]): [K, Samples] => [name, secondsScaled(samples, factor)];
  const { summary, effects, deltas, stalls } = observed;
  observed.requests.speedUp(factor);
  return {
    ...ownFields(observed, 'durationMs'),
    slowMotion: factor,
    summary: {
      ...ownFields(summary, 'startedAtMs', 'elapsedMs'),
      ...(summary.acceptedMs !== undefined && { acceptedMs: own(summary.acceptedMs) }),
      firstErrors: mapErrors(summary.firstErrors, (error) => ownFields(error, 'firstAtMs')),
    },
    effects: {
      ...ownFields(effects, 'belatedUntilMs'),
      firstAtMs: effects.firstAtMs.map(own),
      answeredAtMs: effects.answeredAtMs.map(own),
    },
    samples: observed.samples.map((sample) => ownFields(sample, 'atMs')),
    clocks: observed.clocks && {
      ...ownFields(observed.clocks, 'comparedWithinMs'),
      ...(observed.clocks.wallDifferenceMs !== undefined && {
        wallDifferenceMs: own(observed.clocks.wallDifferenceMs),
      }),
    },
    deltas: Object.fromEntries(Object.entries(deltas).map(scaled)) as typeof deltas,
    byProcess: new Map([...observed.byProcess].map(scaled)),
    awake: secondsScaled(observed.awake, factor),
    injected: observed.injected.map((one) => ownFields(one, 'beganAtMs', 'endedAtMs')),
    redriven: observed.redriven.map((one) => ({
      ...one,
      took: one.took && ownFields(one.took, 'fromMs', 'untilMs'),
    })),
    stalls: { ...stalls, all: stalls.all.map((stall) => ownFields(stall, 'fromMs', 'untilMs', 'cpuMs')) },
  };
}

const seconds = /^spillway_\w+_seconds(_sum|_total)?(\{|$)/;
const bucket = /^(spillway_\w+_seconds_bucket\{.*le=")([^"]+)(".*)$/;

/** Divides sums and bucket bounds by `factor`, but no CPU time, which slow motion doesn't change. */
export function secondsScaled(samples: Samples, factor: number): Samples {
  return new Map(
    [...samples].map(([series, value]) => {
      const [, before, bound, after] = bucket.exec(series) ?? [];
      if (bound !== undefined && bound !== '+Inf')
        return [`${before}${Number(bound) / factor}${after}`, value];
      return [series, seconds.test(series) ? value / factor : value];
    }),
  );
}
