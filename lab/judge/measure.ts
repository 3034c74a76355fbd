import { classOf } from '#kit/http/request.ts';
import type { MetricName } from '#kit/metrics.ts';
import { type Outcome, type Path, requestId } from '#kit/wire.ts';
import type { Part } from '#lab/evidence/requests.ts';
import { byLabel, type Samples, total } from '#lab/evidence/samples.ts';
import { optionsOverTime } from '#lab/experiment/changes.ts';
import { ceilingOf } from '#lab/experiment/limits/ceiling.ts';
import { deadlinesOf, measuresIn } from '#lab/experiment/measures.ts';
import type { CountedRun, CountedWindow } from '#lab/experiment/metrics/counted.ts';
import { requestOf } from '#lab/experiment/request.ts';
import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import { count } from '#lab/kit/text/format.ts';
import type { ServiceName } from '#lab/kit/topology/names.ts';
import { callers, servicesBefore } from '#lab/kit/topology/paths.ts';
import { serviceOf } from '#lab/kit/topology/replicas.ts';
import { durationMs } from '#load/phases.ts';
import type { FirstErrors } from '#load/protocol.ts';
import { maxAttempts } from '#policies/pipeline.ts';
import { nameOf, policyActions } from '#policies/policy-metrics.ts';
import {
  bucketsOf,
  countedOf,
  noPercentiles,
  percentiles,
  percentilesOf,
  quantile,
} from './figures/figures.ts';
import { faultResults, redriveResults } from './figures/incidents.ts';
import { attemptOf, overheadOf } from './figures/overhead.ts';
import { type Course, recoveryOf } from './figures/recovery.ts';
import { figuresOf } from './figures/rows.ts';
import { seriesOf } from './figures/series.ts';
import { stallResults } from './figures/stalls.ts';
import { begunIn, type NamedSpan, windowsOf } from './figures/windows.ts';
import { balance } from './ledger/ledger.ts';
import { reconcile } from './ledger/reconcile.ts';
import { countersOf, countOf, redrivenIn } from './ledger/witnesses.ts';
import type { Observation } from './observation/observation.ts';
import { mapErrors } from './result/facts.ts';
import type { PolicyResult, VariantResult } from './result/result.ts';
import { limitsOf, stallMsOf } from './validity/limits.ts';

/** Event-loop delay at p99 beyond which a process can't keep up. */
const saturatedMs = 25;

/** Measures a variant. `deadlinesMs` are the deadlines for which goodput is computed. */
export function measure(
  experiment: Experiment,
  observed: Observation,
  deadlinesMs: readonly number[] = deadlinesOf(experiment),
) {
  const { name, summary, requests } = observed;
  const variant = experiment.variants[name]!;
  const { path, description } = variant;
  const pipelines = optionsOverTime(variant).map((each) => each.policies);
  const witnesses = {
    ...observed,
    path,
    isClosed: variant.callers !== undefined,
    deadlineMs: experiment.deadlineMs,
    counters: countersOf(observed),
    attemptsMax: variant.client === undefined ? Math.max(...pipelines.map(maxAttempts)) : Infinity,
    redriven: redrivenIn(observed.redriven),
  };
  const { recovered: audited, lost } = reconcile(witnesses);
  const ledger = balance(witnesses, lost);
  const counted = countedOf(requests, experiment.deadlineMs, deadlinesMs);
  const asked = measuresIn(experiment).flatMap(({ deadlineMs }) => deadlineMs ?? []);
  const caller = callers[path];
  const hasBreaker = pipelines.flat().some((policy) => 'breaker' in policy);
  const faults = faultResults(path, experiment.faults, observed);
  const windows = windowsOf(experiment, faults);
  const stallMs = stallMsOf(experiment, name);
  const series = seriesOf(requests, observed.samples, summary.startedAtMs, observed.durationMs, hasBreaker);
  const redrives = redriveResults(observed.redriven, summary.startedAtMs);
  const ends = faults.flatMap(({ onPath, took }) => (onPath && took ? took.untilMs : []));
  const course = {
    ...{ requests, series },
    loadMs: durationMs(experiment.load),
    begunMs: begunIn(experiment, faults),
    clearedMs: Math.max(0, ...ends),
  };
  const run: CountedRun = {
    ...counted,
    ...countersIn(observed, path),
    ...{ path, audited, lost },
    ceiling: observed.foreign.includes('downstream') ? null : ceilingOf(experiment, variant),
    redriven: redrives.reduce((sum, { redriven }) => sum + redriven, 0),
    windows: windows.flatMap((window) => countedWindow(experiment, course, asked, window)),
  };
  const result: VariantResult = {
    ...{ name, path, description },
    config: {
      ...(variant.callers !== undefined && { load: { callers: variant.callers } }),
      ...(experiment.replicas.downstream > 1 && { replicas: experiment.replicas }),
      ...configShown(observed, path),
      ...(variant.changes && { changes: variant.changes }),
      ...(variant.client !== undefined && { client: variant.client }),
      ...('command' in variant && { command: variant.command }),
      ...requestShown(experiment, observed),
    },
    goodputByDeadline: counted.goodputByDeadline,
    firstErrors: errorsLeft({ ...summary.firstErrors, ...deadLetterReasons(observed) }, counted.outcomes),
    policies: observed.foreign.includes(caller) ? [] : policyResults(pipelines, observed.deltas[caller]),
    durationMs: observed.durationMs,
    self: { ...selfOf(observed, path), ...(Number.isFinite(stallMs) && { stallMs }) },
    faults,
    redrives,
    stalls: stallResults(observed, path, limitsOf(experiment), experiment.faults),
    windows: windows.map(({ name, span }) => ({ name, span })),
    ledger,
    series,
  };
  return { variant: result, run, figures: figuresOf(name, run, asked) };
}

function countersIn(observed: Observation, path: Path) {
  const { summary, effects, foreign, restarted, peakInFlight } = observed;
  const caller = callers[path];
  const deltas = (metric: MetricName, of: ServiceName = caller) => total(observed.deltas[of], metric);
  const isOurs = !foreign.includes(caller);
  const attempts = attemptsOf(observed, caller);
  const cpuSeconds = observed.deltas[caller].get('process_cpu_seconds_total');
  const refused = byLabel(observed.deltas[caller], 'spillway_refused_retries_total', 'policy');
  return {
    offered: summary.offered,
    attempts,
    unreported: 0, // services count the attempts of all requests
    amplification: attempts / Math.max(1, summary.offered),
    retries: isOurs
      ? madeOf(deltas('spillway_retries_total'), path, refused)
      : deltas('spillway_repeated_attempts_total', 'downstream'),
    refusedRetries: isOurs ? sumOf(refused) : null,
    attemptTimeouts: deltas('spillway_attempt_timeouts_total'),
    peakInFlight,
    cpuMs: cpuSeconds === undefined ? null : cpuSeconds * 1000,
    effects: {
      distinct: effects.distinct,
      duplicates: effects.total - effects.belated - effects.strays - effects.distinct,
      wasted: effects.wasted,
    },
    falseErrors: falseErrorsIn(observed),
    isRestarted: restarted.some((process) => serviceOf(process) === caller),
  };
}

/** Counts the requests that were done, and whose callers were told that they were not. */
const falseErrorsIn = ({ requests, effects }: Observation): number =>
  countOf(requests, (index) => isError(requests.outcome(index)) && effects.counts[index]! > 0);

const isError = (outcome: Outcome | undefined): boolean =>
  outcome === 'failed' || outcome === 'timeout' || outcome === 'dead';

/** Counts the requests of a window, and looks how the variant recovers in it; none if its fault was never in force. */
function countedWindow(
  experiment: Experiment,
  course: Course,
  deadlinesMs: readonly number[],
  { name: window, span, took, class: ofClass }: NamedSpan,
): CountedWindow[] {
  if (!span) return [];
  const part: Part = {
    ...span,
    ...(ofClass !== undefined && {
      has: (index: number) => classOf(experiment.classes, experiment.seed, requestId(index)) === ofClass,
    }),
  };
  const counted = countedOf(course.requests, experiment.deadlineMs, deadlinesMs, part);
  return [{ ...counted, window, span, ...(took && { recovery: recoveryOf(course, took, experiment) }) }];
}

type Counts = Readonly<Record<string, number>>;

const sumOf = (counts: Counts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** A redelivery that is refused waits, and is made later. A budget refuses a retry before it is counted. */
const madeOf = (retries: number, path: Path, { budget: _, ...refusedRetries }: Counts): number =>
  path === 'event' ? retries : Math.max(0, retries - sumOf(refusedRetries));

/** A restarted caller may have made more than it counted, so downstream's count applies if it is higher. */
function attemptsOf({ deltas, foreign, restarted }: Observation, caller: ServiceName): number {
  const made = total(deltas[caller], 'spillway_attempts_total');
  const seen = total(deltas.downstream, 'spillway_attempts_total');
  if (foreign.includes(caller)) return seen;
  return restarted.some((name) => serviceOf(name) === caller) ? Math.max(made, seen) : made;
}

/** The evidence has only counts by reason: neither the reason of each event, nor the text of its last error. */
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
const errorsLeft = (errors: FirstErrors, outcomes: CountedRun['outcomes']): FirstErrors =>
  mapErrors(errors, (error, outcome) => ({ ...error, count: Math.min(error.count, outcomes[outcome]) }));

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

function selfOf(observed: Observation, path: Path): VariantResult['self'] {
  const { summary, requests, byProcess, awake, restarted, clocks } = observed;
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
    ...(clocks && { comparedWithinMs: clocks.comparedWithinMs }),
    processes: [generator, ...services],
  };
}

/** Returns the actions of each policy in the pipelines of a variant, from the counters of its caller. */
export function policyResults(pipelines: readonly Variant['policies'][], caller: Samples): PolicyResult[] {
  const all = pipelines.flatMap((specs) =>
    specs.map((spec, position) => ({ policy: nameOf(spec), position })),
  );
  const distinct = new Map(all.map((each) => [`${each.position} ${each.policy}`, each]));
  return [...distinct.values()]
    .sort((a, b) => a.position - b.position)
    .map(({ policy, position }) => {
      const times = (action: string) =>
        total(
          caller,
          'spillway_policy_actions_total',
          `position="${position}",policy="${policy}",action="${action}"`,
        );
      const acted = Object.fromEntries(policyActions[policy].map((action) => [action, times(action)]));
      return { policy, position, acted };
    });
}
