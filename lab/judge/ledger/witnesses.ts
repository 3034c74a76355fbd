import type { MetricName } from '#kit/metrics.ts';
import { type Path, requestIndex } from '#kit/wire.ts';
import type { Requests } from '#lab/evidence/requests.ts';
import { type Samples, total } from '#lab/evidence/samples.ts';
import type { Observation, Redriven } from '#lab/judge/observation/observation.ts';
import { type ServiceName, serviceNames } from '#lab/kit/topology/names.ts';
import { serviceOf } from '#lab/kit/topology/replicas.ts';
import { type Check, type Count, check, type Doubt, known, none } from './check.ts';

export interface Witnesses
  extends Pick<Observation, 'summary' | 'requests' | 'effects' | 'remains' | 'foreign' | 'clocks'> {
  readonly path: Path;
  /** True for a closed loop, whose callers may be too slow for the plan. */
  readonly isClosed: boolean;
  readonly deadlineMs: number;
  readonly attemptsMax: number;
  readonly counters: Counters;
  readonly redriven: ReturnType<typeof redrivenIn>;
}

/** Returns the count of a service, with the reasons why it may be off. */
export const countedBy = (
  service: ServiceName,
  { doubts }: Counters,
  what: string,
  value: number,
): Count => ({ who: `${service}, ${what}`, value, ...doubts[service] });

export function countOf(requests: Requests, is: (index: number) => boolean): number {
  let sum = 0;
  for (let index = 0; index < requests.size; index++) if (is(index)) sum += 1;
  return sum;
}

/** Counts the requests that may have reached a service. */
export const sentIn = (requests: Requests): number =>
  countOf(requests, (index) => !Number.isNaN(requests.lagMs[index]));

/** Returns a count of requests from the record. Such a count can't be off. */
export const found = (who: string, requests: Requests, is: (index: number) => boolean): Count =>
  known(who, countOf(requests, is));

/** Returns a function that checks that no request meets a condition. */
export const refuserOf =
  (requests: Requests) =>
  (name: string, who: string, is: (index: number) => boolean): Check =>
    check(name, none(found(who, requests, is)));

/** If a redrive failed, the first dead letter it left is doubtful: its event may already have been sent. */
export function redrivenIn(results: readonly Redriven[]) {
  const sent = results.flatMap(({ redriven, repeated }) => [...redriven, ...repeated]);
  const doubtful = results.flatMap(({ left, failure }) => (failure === null ? [] : left.slice(0, 1)));
  const requests: ReadonlySet<number> = new Set([...sent, ...doubtful].map(requestIndex));
  return { requests, deadLetters: sent.length, doubtful: doubtful.length };
}

export type Counters = ReturnType<typeof countersOf>;

export function countersOf(observed: Observation) {
  const { gateway, publisher, consumer, downstream } = observed.deltas;
  const attempts = 'spillway_attempts_total';
  return {
    gateway: byValue(gateway, 'spillway_requests_total', 'outcome', answers),
    publisher: byValue(publisher, 'spillway_published_total', 'result', publishings),
    consumer: {
      ...byValue(consumer, 'spillway_deliveries_total', 'result', ['ok', 'dead', 'unconfirmed']),
      all: total(consumer, 'spillway_deliveries_total'),
    },
    effects: byValue(downstream, 'spillway_effects_total', 'caller', ['waiting', 'gone']),
    suppressedEffects: total(downstream, 'spillway_duplicate_effects_total', 'handling="suppressed"'),
    attempts: {
      gateway: total(gateway, attempts),
      consumer: total(consumer, attempts),
      downstream: total(downstream, attempts),
    },
    /** Reasons why the counters of a service may be off. */
    doubts: Object.fromEntries(serviceNames.map((name) => [name, doubtOn(name, observed)])) as Partial<
      Record<ServiceName, Doubt>
    >,
  };
}

const answers = ['ok', 'failed', 'timeout', 'rejected', 'gone'] as const;
const publishings = ['accepted', 'duplicate', 'dropped', 'unavailable', 'unstored', 'unknown'] as const;

function byValue<K extends string>(
  samples: Samples,
  metric: MetricName,
  label: string,
  values: readonly K[],
) {
  const sums = values.map((value) => [value, total(samples, metric, `${label}="${value}"`)]);
  return Object.fromEntries(sums) as Record<K, number>;
}

function doubtOn(
  service: ServiceName,
  { restarted, foreign, unfinishedWarmUp, effects }: Observation,
): Doubt {
  if (foreign.includes(service)) {
    const reason = `${service} is not Spillway's and counts nothing: not compared`;
    return { missing: reason, surplus: reason };
  }
  const begun = restarted.find((name) => serviceOf(name) === service);
  return {
    // A process may have counted something after the last scrape before its end.
    missing: begun && `${begun} was restarted: it may have done more than it counted`,
    // Counters include what the rest of the warm-up does during the load.
    surplus: unfinishedWarmUp > 0 ? `${service} may have counted the rest of the warm-up` : undefined,
    spare: effects.belated,
  };
}
