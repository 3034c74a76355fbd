import type { MetricName } from '#kit/metrics.ts';
import type { Percentiles } from '#load/protocol.ts';
import { balance, type Counters, settle } from './audit/ledger.ts';
import { type Samples, total } from './control.ts';
import type { ServiceName } from './engine/testbed.ts';
import type { Experiment } from './experiment/schema.ts';
import { growth, percentilesOf, quantile } from './quantile.ts';
import type { VariantResult } from './result.ts';
import { seriesOf } from './series.ts';
import type { Observation } from './variant.ts';

/** A process whose timers run this late at p99 can't keep up. */
const saturatedMs = 25;

/** Turns what was observed of a variant into its figures; predictions are compared later. */
export function measure(
  experiment: Experiment,
  observed: Observation,
  deadlinesMs: readonly number[],
): VariantResult {
  const { name, summary, requests, effects } = observed;
  const variant = experiment.variants[name]!;
  const witnesses = { ...observed, path: variant.path, counters: countersOf(observed) };
  const { recovered, lost } = settle(witnesses, experiment.deadlineMs);
  const ledger = balance(witnesses, lost);
  const outcomes = requests.count();
  const completedMs = requests.completedMs();
  const caller: ServiceName = variant.path === 'rpc' ? 'gateway' : 'consumer';
  const grown = (service: ServiceName, metric: MetricName, label?: string) =>
    grownBy(observed, service, metric, label);
  const attempts = grown(caller, 'spillway_attempts_total');
  const goodputAt = (deadlineMs: number) => countUpTo(completedMs, deadlineMs) / Math.max(1, summary.planned);
  const hasBreaker = variant.policies.some((policy) => 'breaker' in policy);
  return {
    name,
    path: variant.path,
    description: variant.description,
    config: configShown(observed, variant.path),
    offered: summary.offered,
    outcomes,
    recovered,
    lost,
    attempts,
    retries: grown(caller, 'spillway_retries_total'),
    attemptTimeouts: grown(caller, 'spillway_attempt_timeouts_total'),
    amplification: attempts / Math.max(1, summary.offered),
    effects: {
      distinct: effects.distinct,
      duplicates: effects.total - effects.strays - effects.distinct,
      wasted: effects.wasted,
    },
    latency: percentiles(completedMs),
    goodputByDeadline: deadlinesMs.map((deadlineMs) => ({ deadlineMs, goodput: goodputAt(deadlineMs) })),
    goodput: goodputAt(experiment.deadlineMs),
    durationMs: observed.durationMs,
    self: selfOf(observed, variant.path),
    ledger,
    predictions: [],
    series: seriesOf(requests, observed.samples, summary.startedAtMs, observed.durationMs, hasBreaker),
  };
}

/** Of the configuration, what concerns the variant's path. */
function configShown({ configs }: Observation, path: 'rpc' | 'event'): Record<string, unknown> {
  const { downstream, gateway, publisher, consumer } = configs;
  return path === 'rpc' ? { downstream, gateway } : { downstream, publisher, consumer };
}

/** Exact percentiles of rising values in ms, by nearest rank; null when there are none. */
export function percentiles(rising: Float64Array): Percentiles | null {
  const count = rising.length;
  if (count === 0) return null;
  const at = (q: number) => rising[Math.min(count - 1, Math.ceil(q * count) - 1)]!;
  return {
    count,
    meanMs: rising.reduce((a, b) => a + b, 0) / count,
    p50Ms: at(0.5),
    p90Ms: at(0.9),
    p95Ms: at(0.95),
    p99Ms: at(0.99),
    p999Ms: at(0.999),
    maxMs: at(1),
  };
}

function countUpTo(rising: Float64Array, limit: number): number {
  const index = rising.findIndex((value) => value > limit);
  return index < 0 ? rising.length : index;
}

/** A counter that restarted is as large as it is since then. */
function grownBy(
  { before, after }: Observation,
  service: ServiceName,
  metric: MetricName,
  label?: string,
): number {
  const earlier = total(before[service], metric, label);
  const later = total(after[service], metric, label);
  return later >= earlier ? later - earlier : later;
}

function countersOf(observed: Observation): Counters {
  const grown = (service: ServiceName, metric: MetricName, label?: string) =>
    grownBy(observed, service, metric, label);
  const labelled = <K extends string>(
    service: ServiceName,
    metric: MetricName,
    label: string,
    values: readonly K[],
  ) =>
    Object.fromEntries(
      values.map((value) => [value, grown(service, metric, `${label}="${value}"`)]),
    ) as Record<K, number>;
  return {
    gateway: labelled('gateway', 'spillway_requests_total', 'outcome', [
      'ok',
      'failed',
      'timeout',
      'rejected',
    ]),
    publisher: labelled('publisher', 'spillway_published_total', 'result', [
      'accepted',
      'duplicate',
      'dropped',
    ]),
    consumer: labelled('consumer', 'spillway_deliveries_total', 'result', ['ok', 'dead']),
    effects: grown('downstream', 'spillway_effects_total'),
    suppressedEffects: grown('downstream', 'spillway_duplicate_effects_total', 'handling="suppressed"'),
    restarted: observed.injected.map(({ fault }) => fault.target),
  };
}

/** Of the processes, those that the variant's path leads through. */
function selfOf({ summary, before, after }: Observation, path: 'rpc' | 'event'): VariantResult['self'] {
  const excess = growth(before.downstream, after.downstream, 'spillway_sleep_excess_seconds');
  const cpu = (samples: Samples) => total(samples, 'process_cpu_seconds_total');
  const onPath: readonly ServiceName[] =
    path === 'rpc' ? ['gateway', 'downstream'] : ['publisher', 'consumer', 'downstream'];
  const services = onPath.map((name) => {
    const delay = growth(before[name], after[name], 'spillway_event_loop_delay_seconds');
    const loopDelayP99Ms = delay ? quantile(delay, 0.99) * 1000 : 0;
    const cpuMs = Math.max(0, cpu(after[name]) - cpu(before[name])) * 1000;
    return { name, loopDelayP99Ms, cpuMs, saturated: loopDelayP99Ms > saturatedMs };
  });
  const generator = {
    name: 'generator',
    loopDelayP99Ms: summary.lag.p99Ms,
    cpuMs: summary.cpuMs,
    saturated: summary.lag.p99Ms > saturatedMs,
  };
  return {
    lag: summary.lag,
    sleepExcess: excess ? percentilesOf(excess) : null,
    processes: [generator, ...services],
  };
}
