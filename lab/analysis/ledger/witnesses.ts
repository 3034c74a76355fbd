import type { Path } from '#kit/wire.ts';
import type { Observation } from '#lab/analysis/observation/observation.ts';
import type { Effects } from '#lab/evidence/effects.ts';
import type { Requests } from '#lab/evidence/requests.ts';
import type { ServiceName } from '#lab/topology/names.ts';
import type { callers } from '#lab/topology/paths.ts';
import type { Count, Doubt } from './check.ts';
import type { Redriven } from './redriven.ts';

/** Increase of each counter of the services during the run. */
export interface Counters {
  /** `spillway_requests_total` of the gateway, by outcome. */
  readonly gateway: Readonly<Record<'ok' | 'failed' | 'timeout' | 'rejected' | 'gone', number>>;
  /** `spillway_published_total` of the publisher, by result. */
  readonly publisher: Readonly<
    Record<'accepted' | 'duplicate' | 'dropped' | 'unavailable' | 'unstored' | 'unknown', number>
  >;
  /** `spillway_deliveries_total` of the consumer, by result, and of all results together. */
  readonly consumer: Readonly<Record<'ok' | 'dead' | 'unconfirmed' | 'all', number>>;
  /** `spillway_effects_total` of downstream, by whether the caller still waited. */
  readonly effects: Readonly<Record<'waiting' | 'gone', number>>;
  readonly suppressedEffects: number;
  /** `spillway_attempts_total` of those who make attempts, and of the one that gets them. */
  readonly attempts: Readonly<Record<Caller | 'downstream', number>>;
  /** Services whose counters may differ from what they did. */
  readonly doubts: Readonly<Partial<Record<ServiceName, Doubt>>>;
}

type Caller = (typeof callers)[keyof typeof callers];

/** All that the ledger holds against each other. */
export interface Witnesses {
  readonly path: Path;
  readonly deadlineMs: number;
  readonly summary: Observation['summary'];
  readonly requests: Requests;
  readonly effects: Effects;
  readonly counters: Counters;
  /** Undefined on the RPC path. */
  readonly remains: Observation['remains'];
  readonly redriven: Redriven;
  /** Services that are not Spillway's. */
  readonly foreign: readonly ServiceName[];
}

/** Returns the count of a service, with the doubts about its counters. */
export const countedBy = (
  service: ServiceName,
  { doubts }: Counters,
  what: string,
  value: number,
): Count => ({ who: `${service}, ${what}`, value, ...doubts[service] });

/** Counts the requests that meet a condition. */
export function countOf(requests: Requests, is: (index: number) => boolean): number {
  let sum = 0;
  for (let index = 0; index < requests.size; index++) if (is(index)) sum += 1;
  return sum;
}

/** Counts the requests that may have reached a service. */
export const sentIn = (requests: Requests): number =>
  countOf(requests, (index) => !Number.isNaN(requests.lagMs[index]));

/** The attempts for a request that the record tells of; 0 where they are unknown. */
export function attemptsReported({ attempts }: Requests, index: number): number {
  const told = attempts[index]!;
  // NaN and what is below 0 mark an unknown number.
  if (!(told > 0)) return 0;
  return told;
}
