/** Outcomes of a request with their meanings. Each offered request has exactly one of them. */
export const meanings = {
  ok: 'completed within the deadline',
  late: 'completed after the deadline',
  failed: 'the last attempt ended in an error, or there was no connection',
  timeout: 'the last attempt took too long',
  rejected: 'refused by a policy before any attempt was made',
  dropped: 'not accepted by the publisher',
  dead: 'dead-lettered',
  pending: 'accepted by the publisher, and not finished at the end of the run',
  unknown: 'sent, but neither an answer nor a completion arrived',
  unsent: 'not sent, because the generator had no free connection',
} as const;

export type Outcome = keyof typeof meanings;

export const outcomes = Object.keys(meanings) as readonly Outcome[];

/**
 * True if the request completed: a successful answer to the call arrived, or the completion of the event. An effect
 * alone doesn't complete a request, since the caller may have timed out. For events whose completion was lost,
 * `reconcile` decides.
 */
export const isCompleted = (outcome: Outcome | undefined): boolean => outcome === 'ok' || outcome === 'late';

/** Paths of a request to downstream. `rpc`: through a call. `event`: through the broker's stream. */
export const paths = ['rpc', 'event'] as const;

export type Path = (typeof paths)[number];

export const headers = {
  requestId: 'x-request-id',
  attempt: 'x-attempt',
  timeoutMs: 'x-timeout-ms',
  class: 'x-class',
  traceparent: 'traceparent',
} as const;

/** Version of the HTTP interfaces. It increases with each change that breaks callers. */
export const interfaceVersion = '2.0.0';

/** Report that the consumer publishes at the end of a delivery. */
export interface DeliveryReport {
  readonly id: string;
  /** End of the delivery. `redelivered`: the message went back to the stream, so the event isn't finished. */
  readonly outcome: 'ok' | 'dead' | 'redelivered';
  /** Number of the delivery, counted by the broker from 1. Missing if the consumer reports only finished events. */
  readonly delivery?: number | undefined;
  /** Number of earlier redrives of the event. After each redrive, the broker counts deliveries from 1 again. */
  readonly redrives?: number | undefined;
  /** Attempts in this delivery, or for the whole event if `delivery` is missing. Missing if unknown. */
  readonly attempts?: number | undefined;
}

export const finishedSubject = 'spillway.finished';

/** Returns the id of a request, made from its index. So the audit can use arrays and needs no map by id. */
export const requestId = (index: number): string => `r${index}`;

export const warmUpId = (index: number): string => `w${index}`;

export const isOfWarmUp = (id: string): boolean => id[0] === 'w';

/** Returns the index in an id made by `requestId`. Returns -1 for any other id. */
export function requestIndex(id: string): number {
  if (id[0] !== 'r' || id.length === 1 || (id[1] === '0' && id.length > 2)) return -1;
  let index = 0;
  // By hand, since Number() also accepts `1e3` and `0x10`, and to compare texts takes longer.
  for (let i = 1; i < id.length; i++) {
    const digit = id.charCodeAt(i) - 48;
    if (!(digit >= 0 && digit <= 9)) return -1;
    index = 10 * index + digit;
  }
  return Number.isSafeInteger(index) ? index : -1;
}

/** Record of an attempt whose work downstream has completed. */
export interface Effect {
  readonly id: string;
  readonly attempt: number;
  readonly atMs: number;
  /** True if the caller had disconnected before the commit. */
  readonly gone: boolean;
  readonly duplicate: boolean;
  /** True if the request already had an effect, and downstream answered without doing the work again. */
  readonly suppressed?: true;
}

/** Returns an effect's line in the log: JSON, which needs no escapes since ids have none, as `effectPattern` reads it. */
export const effectLine = ({ id, attempt, atMs, gone, duplicate, suppressed }: Effect): string =>
  `{"id":"${id}","attempt":${attempt},"atMs":${atMs},"gone":${gone},"duplicate":${duplicate}${suppressed ? ',"suppressed":true' : ''}}`;

/**
 * Matches an `effectLine`. Its groups are id, time, gone and suppressed. The audit uses it instead of JSON.parse, which
 * keeps all short strings that it has read: 60 MB for a million ids.
 */
export const effectPattern =
  /^\{"id":"([^"]+)","attempt":\d+,"atMs":([^,]+),"gone":(true|false),"duplicate":(?:true|false)(,"suppressed":true)?\}$/;

/** Returns a line of `GET /attempts` with the number of attempts that downstream received for a request. */
export const attemptsLine = (id: string, attempts: number): string => JSON.stringify({ id, attempts });

export const attemptsPattern = /^\{"id":"([^"]+)","attempts":(\d+)\}$/;

/** First line of `GET /attempts` if ids were forgotten. The attempts of ids without a line are then unknown. */
export const forgottenLine = '{"forgotten":true}';
