import { InvalidError } from './schema.ts';
import { headers } from './wire.ts';

/** What an `x-timeout-ms` says: how long the caller waits, in ms; undefined for anything else. */
export function timeLeft(value: unknown): number | undefined {
  return typeof value === 'string' && /^\d{1,12}(\.\d{1,6})?$/.test(value) ? Number(value) : undefined;
}

/** The same of a request's header; undefined where there is none. Throws InvalidError for anything else. */
export function readTimeLeft(value: unknown): number | undefined {
  const ms = timeLeft(value);
  if (ms !== undefined || value === undefined) return ms;
  const message = `the header ${headers.timeoutMs}: expected ms, such as 250, got ${JSON.stringify(value)}`;
  throw new InvalidError([{ pointer: '', message }]);
}
