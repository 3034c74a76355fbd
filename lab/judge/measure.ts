import { classOf } from '#kit/http/request.ts';
import type { MetricName } from '#kit/metrics.ts';
import { type Path, requestId } from '#kit/wire.ts';
import { summaryOf } from '#lab/evidence/clocks.ts';
import type { Part } from '#lab/evidence/requests.ts';
import { byLabel, total } from '#lab/evidence/samples.ts';
import { deadlinesOf } from '#lab/experiment/measures.ts';
import { requestOf } from '#lab/experiment/request.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { count } from '#lab/experiment/text/format.ts';
import type { ServiceName } from '#lab/experiment/topology/names.ts';
import { callers, servicesBefore } from '#lab/experiment/topology/paths.ts';
import { serviceOf } from '#lab/experiment/topology/replicas.ts';
import { mapErrors, refusedRetriesOf } from '#lab/result/facts.ts';
import type { Span, VariantResult } from '#lab/result/result.ts';
import { durationMs } from '#load/phases.ts';
import type { FirstErrors } from '#load/protocol.ts';
import { maxAttempts } from '#policies/pipeline.ts';
import {
  bucketsOf,
  figuresIn,
  figuresOf,
  noPercentiles,
  percentiles,
  percentilesOf,
  quantile,
} from './figures/figures.ts';
import { faultResults, redriveResults } from './figures/incidents.ts';
import { overheadOf } from './figures/overhead.ts';
import { policyResults } from './figures/policy-results.ts';
import { recoveryOf } from './figures/recovery.ts';
import { seriesOf } from './figures/series.ts';
import { stallResults } from './figures/stalls.ts';
import { begunIn, windowsOf } from './figures/windows.ts';
import { balance } from './ledger/ledger.ts';
import { reconcile } from './ledger/reconcile.ts';
import { countersOf, redrivenIn } from './ledger/witnesses.ts';
import type { Observation } from './observation/observation.ts';
import { limitsOf, stallMsOf } from './validity/limits.ts';

/** Event-loop delay at p99 beyond which a process can't keep up. */
const saturatedMs = 25;

/** Computes the figures of a variant from its observation. `deadlinesMs` are the deadlines for which goodput is computed. */
export function measure(
  experiment: Experiment,
  observed: Observation,
  deadlinesMs: readonly number[] = deadlinesOf(experiment),
): VariantResult {
  const { name, summary, requests, effects } = observed;
  const variant = experiment.variants[name]!;
  const witnesses = {
    ...observed,
    path: variant.path,
    isClosed: variant.callers !== undefined,
    deadlineMs: experiment.deadlineMs,
    counters: countersOf(observed),
    attemptsMax: maxAttempts(variant.policies),
    redriven: redrivenIn(observed.redriven),
  };
  const { recovered, lost } = reconcile(witnesses);
  const ledger = balance(witnesses, lost);
  const figures = figuresOf(requests, experiment.deadlineMs, deadlinesMs);
  const caller = callers[variant.path];
  const deltas = (metric: MetricName, of: ServiceName = caller) => total(observed.deltas[of], metric);
  const isOurs = !observed.foreign.includes(caller);
  const attempts = attemptsOf(observed, caller);
  const refusedRetries = isOurs
    ? byLabel(observed.deltas[caller], 'spillway_refused_retries_total', 'policy')
    : undefined;
  const hasBreaker = variant.policies.some((policy) => 'breaker' in policy);
  const loadMs = durationMs(experiment.load);
  const faults = faultResults(variant.path, experiment.faults, observed);
  const endsMs = faults.flatMap(({ onPath, took }) => (onPath && took ? took.untilMs : []));
  const clearedMs = Math.max(0, ...endsMs);
  const windows = windowsOf(experiment, faults);
  const begunMs = begunIn(experiment, faults);
  const stallMs = stallMsOf(experiment, name);
  const series = seriesOf(requests, observed.samples, summary.startedAtMs, observed.durationMs, hasBreaker);
  return {
    name,
    path: variant.path,
    description: variant.description,
    config: {
      ...(variant.callers !== undefined && { load: { callers: variant.callers } }),
      ...(experiment.replicas.downstream > 1 && { replicas: experiment.replicas }),
      ...configShown(observed, variant.path),
      ...requestShown(experiment, observed),
    },
    ...figures,
    offered: summary.offered,
    firstErrors: errorsLeft({ ...summary.firstErrors, ...deadLetterReasons(observed) }, figures.outcomes),
    policies: isOurs ? policyResults(variant.policies, observed.deltas[caller]) : [],
    recovered,
    lost,
    attempts,
    retries: isOurs
      ? madeOf(deltas('spillway_retries_total'), variant.path, refusedRetries)
      : deltas('spillway_repeated_attempts_total', 'downstream'),
    ...(refusedRetries && { refusedRetries }),
    attemptTimeouts: deltas('spillway_attempt_timeouts_total'),
    amplification: attempts / Math.max(1, summary.offered),
    peakInFlight: observed.peakInFlight,
    effects: {
      distinct: effects.distinct,
      duplicates: effects.total - effects.belated - effects.strays - effects.distinct,
      wasted: effects.wasted,
    },
    durationMs: observed.durationMs,
    self: { ...selfOf(observed, variant.path), ...(Number.isFinite(stallMs) && { stallMs }) },
    faults,
    redrives: redriveResults(observed.redriven, summary.startedAtMs),
    stalls: stallResults(observed, variant.path, limitsOf(experiment), experiment.faults),
    windows: windows.map(({ name, span, took, class: ofClass }) => ({
      name,
      span,
      ...figuresIn(requests, experiment.deadlineMs, deadlinesMs, partOf(experiment, span, ofClass)),
      ...(took && {
        recovery: recoveryOf({ requests, series, loadMs, begunMs, clearedMs }, took, experiment),
      }),
    })),
    ledger,
    series,
  };
}

type Counts = NonNullable<VariantResult['refusedRetries']>;

/**
 * Returns the number of retries that were made. A redelivery that is refused waits, and is made later. A budget refuses
 * a retry before it is counted.
 */
const madeOf = (retries: number, path: Path, { budget: _, ...refusedRetries }: Counts = {}): number =>
  path === 'event' ? retries : Math.max(0, retries - (refusedRetriesOf({ refusedRetries }) ?? 0));

/**
 * Returns the number of attempts that a caller made. A restarted caller may have made more than it counted, so
 * downstream's count applies if it is higher.
 */
function attemptsOf({ deltas, foreign, restarted }: Observation, caller: ServiceName): number {
  const made = total(deltas[caller], 'spillway_attempts_total');
  const seen = total(deltas.downstream, 'spillway_attempts_total');
  if (foreign.includes(caller)) return seen;
  return restarted.some((name) => serviceOf(name) === caller) ? Math.max(made, seen) : made;
}

/**
 * Returns the consumer's reasons for its dead letters, as one error. The evidence has only counts by reason: neither
 * the reason of each event, nor the text of its last error.
 */
function deadLetterReasons({ deltas, requests }: Observation): FirstErrors {
  const counts = Object.entries(byLabel(deltas.consumer, 'spillway_dead_letters_total', 'reason'));
  if (counts.length === 0) return {};
  const shown = counts.map(([reason, times]) =>
    counts.length === 1 ? reason : `${reason} ${count(times)}×`,
  );
  const isDead = (index: number) => requests.outcome(index) === 'dead';
  const firstAtMs = requests.scheduledAtMs.reduce(
    (first, atMs, index) => (isDead(index) ? Math.min(first, atMs) : first),
    Infinity,
  );
  const reason = `the consumer's reason: ${shown.join(', ')}`;
  return { dead: [{ reason, count: counts.reduce((sum, [, times]) => sum + times, 0), firstAtMs }] };
}

/** Returns the first errors. Limits each count to that of the outcome, since outcomes may have changed afterwards. */
const errorsLeft = (errors: FirstErrors, outcomes: VariantResult['outcomes']): FirstErrors =>
  mapErrors(errors, (error, outcome) => ({ ...error, count: Math.min(error.count, outcomes[outcome]) }));

const nowhere: Span = { fromMs: 0, untilMs: 0 };

const partOf = ({ classes, seed }: Experiment, span: Span | null, ofClass: string | undefined): Part => ({
  ...(span ?? nowhere),
  ...(ofClass !== undefined && {
    has: (index: number) => classOf(classes, seed, requestId(index)) === ofClass,
  }),
});

/** Returns the request for a service that isn't Spillway's. It has the names of variables, not their values. */
function requestShown(experiment: Experiment, { name, foreign }: Observation) {
  const variant = experiment.variants[name]!;
  const request = foreign.includes(servicesBefore[variant.path][0]) && requestOf(experiment, variant);
  return request && { request };
}

const notOurs = 'not Spillway’s';

function configShown({ configs, foreign, broker }: Observation, path: Path): Record<string, unknown> {
  const shown = servicesBefore[path].map((name) => [name, foreign.includes(name) ? notOurs : configs[name]]);
  return {
    downstream: configs.downstream,
    ...Object.fromEntries(shown),
    ...(path === 'event' && broker && { broker }),
  };
}

/** Returns the mean duration of an attempt, and the mean sleep of downstream's model; null without attempts. */
function attemptOf({ deltas }: Observation, path: Path): { meanMs: number; modelledMs: number } | null {
  const taken = (part: 'sum' | 'count') =>
    deltas[callers[path]].get(`spillway_attempt_duration_seconds_${part}`) ?? 0;
  const worked = total(deltas.downstream, 'spillway_attempts_total');
  if (taken('count') === 0 || worked === 0) return null;
  const modelled = total(deltas.downstream, 'spillway_modelled_sleep_seconds_total');
  return { meanMs: (taken('sum') / taken('count')) * 1000, modelledMs: (modelled / worked) * 1000 };
}

function clocksShown({ clocks }: Observation): Pick<VariantResult['self'], 'clocks' | 'comparedWithinMs'> {
  if (!clocks) return {};
  return {
    comparedWithinMs: clocks.comparedWithinMs,
    clocks: clocks.processes.map(({ process, readings }) => ({ process, ...summaryOf(readings) })),
  };
}

/** Returns the self-metrics of the processes on the variant's path. */
function selfOf(observed: Observation, path: Path): VariantResult['self'] {
  const { summary, requests, byProcess, awake, restarted } = observed;
  const lag = percentiles(requests.sentMs()) ?? noPercentiles;
  const excess = bucketsOf(awake, 'spillway_sleep_excess_seconds');
  const passed = [...servicesBefore[path], 'downstream'].flatMap((service) =>
    [...byProcess].filter(([name]) => serviceOf(name) === service),
  );
  const services = passed.map(([name, own]) => {
    const delay = bucketsOf(own, 'spillway_event_loop_delay_seconds');
    const loopDelayP99Ms = delay ? quantile(delay, 0.99) * 1000 : 0;
    const cpuMs = total(own, 'process_cpu_seconds_total') * 1000;
    const saturated = loopDelayP99Ms > saturatedMs;
    return { name, loopDelayP99Ms, cpuMs, saturated, restarted: restarted.includes(name) };
  });
  const generator = {
    name: 'generator',
    loopDelayP99Ms: null,
    cpuMs: summary.cpuMs,
    saturated: lag.p99Ms > saturatedMs,
    restarted: false,
  };
  return {
    lag,
    sleepExcess: excess ? percentilesOf(excess) : null,
    attempt: attemptOf(observed, path),
    overhead: overheadOf(observed, path),
    ...clocksShown(observed),
    processes: [generator, ...services],
  };
}
