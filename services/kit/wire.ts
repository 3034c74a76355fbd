/** How a request can end, and what that means. Each offered request ends in exactly one of these. */
export const meanings = {
  ok: 'completed within the deadline',
  late: 'completed after it',
  failed: 'an error after the last attempt, or no connection',
  timeout: 'the last attempt took too long',
  rejected: 'refused by a policy before any attempt',
  dropped: 'not accepted for publishing',
  dead: 'dead-lettered',
  pending: 'accepted, unfinished at the end',
  unknown: 'sent, but no answer or news told the end',
  unsent: "over the generator's own cap",
} as const;

export type Outcome = keyof typeof meanings;

export const outcomes = Object.keys(meanings) as readonly Outcome[];

/**
 * True if the request completed: its caller could know, by the answer to its call or by the news of its event. An effect
 * alone completes nothing: its caller may have timed out. `settle` says when an event counts whose news got lost.
 */
export const isCompleted = (outcome: Outcome | undefined): boolean => outcome === 'ok' || outcome === 'late';

/** Over which a request reaches downstream: by calls, or through the queue. */
export const paths = ['rpc', 'event'] as const;

export type Path = (typeof paths)[number];

/** Header names of the protocol between the processes; HTTP/1.1 sends them in lower case. */
export const headers = {
  requestId: 'x-request-id',
  attempt: 'x-attempt',
  timeoutMs: 'x-timeout-ms',
  class: 'x-class',
  traceparent: 'traceparent',
} as const;

/** A consumer's report of a delivery that it ends. */
export interface DeliveryReport {
  readonly id: string;
  /** `redelivered`: given back to the stream, so the event is not finished. */
  readonly outcome: 'ok' | 'dead' | 'redelivered';
  /** The broker's number of the delivery, from 1; missing where the consumer reports events, not deliveries. */
  readonly delivery?: number | undefined;
  /** Redrives of the event before; after each, deliveries count from 1 again. */
  readonly redrives?: number | undefined;
  /** Attempts made in this delivery, or for the event if `delivery` is missing; missing if unknown. */
  readonly attempts?: number | undefined;
}

/** The core NATS subject of these reports. */
export const finishedSubject = 'spillway.finished';

/** Request ids carry their index, so that an audit can index arrays instead of hashing strings. */
export const requestId = (index: number): string => `r${index}`;

/** Requests of the warm-up are no part of the load, and their ids none of its. */
export const warmUpId = (index: number): string => `w${index}`;

/** Whether an id was made by `warmUpId`. */
export const isOfWarmUp = (id: string): boolean => id[0] === 'w';

/** The index in an id made by `requestId`, or -1 for any other id. */
export function requestIndex(id: string): number {
  const index = id[0] === 'r' ? Number(id.slice(1)) : -1;
  // Number() reads `1e3`, `0x10` and nothing at all, too.
  return Number.isSafeInteger(index) && index >= 0 && id === requestId(index) ? index : -1;
}

/** The proof that downstream did the work of one attempt. */
export interface Effect {
  readonly id: string;
  readonly attempt: number;
  /** When it was committed, on the machine's monotonic clock. */
  readonly atMs: number;
  /** The caller had given up by then. */
  readonly gone: boolean;
  /** There was an effect for this id before. */
  readonly duplicate: boolean;
}

/** An effect's line in the log: JSON, with the fields in the order of `effectPattern`. */
export const effectLine = ({ id, attempt, atMs, gone, duplicate }: Effect): string =>
  JSON.stringify({ id, attempt, atMs, gone, duplicate });

/**
 * Such a line, with id, time and gone as its groups. The audit reads by it instead of JSON.parse, which keeps every short
 * string that it has seen: 60 MB for a million ids.
 */
export const effectPattern =
  /^\{"id":"([^"]+)","attempt":\d+,"atMs":([^,]+),"gone":(true|false),"duplicate":(?:true|false)\}$/;

/** Attempts that downstream received for a request. */
export interface Attempts {
  readonly id: string;
  readonly attempts: number;
}

/** The line of a request in `GET /attempts`, with the fields in the order of `attemptsPattern`. */
export const attemptsLine = ({ id, attempts }: Attempts): string => JSON.stringify({ id, attempts });

/** Such a line, with both fields as its groups. */
export const attemptsPattern = /^\{"id":"([^"]+)","attempts":(\d+)\}$/;

/** The first line of `GET /attempts` if ids were forgotten: the attempts of those that are not in it are unknown. */
export const forgottenLine = '{"forgotten":true}';
