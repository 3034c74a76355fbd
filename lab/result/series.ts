import type { Static } from 'typebox';
import { type Final, list, nullable, number, object } from './schema-helpers.ts';

const column = list(nullable(number));
/** How a variant went, in columns over one time axis. */
export const Series = object({
  /** Since the first due time. */
  tMs: list(number),
  /** Requests per second due in the interval that begins at t. */
  offered: column,
  /** Requests per second that were due in this interval and done within the deadline. */
  goodput: column,
  /** Attempts in flight at downstream. */
  inFlight: column,
  /** Retries (or redeliveries) per second. */
  retries: column,
  /** 0 closed, 1 half-open, 2 open; null without a breaker. */
  breaker: column,
  /** Requests accepted and not finished: the bulkhead's queue (rpc), the stream's messages (event). */
  backlog: column,
  /** Dead letters so far. */
  dead: column,
});
export type Series = Final<Static<typeof Series>>;
