import { ExpectedError } from '#kit/expected-error.ts';
import { parseJson } from '#kit/json.ts';
import type { Ended } from './client.ts';

/** Thrown if there was no answer (status 0), or if the answer is not a success or not JSON. */
export class UpstreamError extends ExpectedError {
  override readonly name = 'UpstreamError';
  readonly status: number;

  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

export interface Posted {
  readonly id: string;
  /** JSON text. */
  readonly body: string;
  /** Number of this attempt, from 1. */
  readonly attempts: number;
  readonly class?: string | undefined;
  /** W3C trace context. */
  readonly traceparent?: string | undefined;
  /** Remaining time in ms until the deadline. */
  readonly timeoutMs?: number | undefined;
}

/** Returns the error for a status. It is always the same, since to create one takes a microsecond. */
function refusalWith(status: number): UpstreamError {
  const refusal = refusals.get(status) ?? new UpstreamError(status, `downstream answered ${status}`);
  refusals.set(status, refusal);
  return refusal;
}

const refusals = new Map<number, UpstreamError>();

/** Returns callbacks that resolve with the JSON text of a 2xx answer, or reject with UpstreamError. */
export const settling = (
  resolve: (text: string) => void,
  reject: (reason: UpstreamError) => void,
): Ended => ({
  answered(status, body, isJson = false) {
    if (status < 200 || status >= 300) reject(refusalWith(status));
    // A caller can't use a body that isn't JSON, so even a 2xx answer with such a body is a failure.
    else if (isJson || parseJson(body) !== undefined) resolve(body);
    else reject(new UpstreamError(status, 'downstream answered without valid JSON'));
  },
  broken: (reason) => reject(new UpstreamError(0, 'downstream broke the connection', reason)),
});
