import { type AttemptCount, noAttempts } from '#kit/http-client/attempt-count.ts';
import type { Channel } from '#kit/http-client/connection.ts';
import type { DeliveryReport, Outcome, Path } from '#kit/wire.ts';

/** State of one request. Times are on the generator's clock, NaN until known. */
export class Request {
  readonly id: string;
  readonly index: number;
  readonly scheduledAtMs: number;
  /** Until the answer. */
  connection: Channel | undefined;
  sentAtMs = Number.NaN;
  /** Time of the answer or completion that decided its outcome. */
  endedAtMs = Number.NaN;
  /** 0 without an answer. */
  status = 0;
  /** Undefined if unknown. */
  attempts: number | undefined;
  counted: AttemptCount = noAttempts;
  /** Undefined before the answer. Provisional while a completion may change it, e.g. of a dead event that may be redriven. */
  outcome: Outcome | undefined;
  /** Line with an answer that is no success, or the reason why there was none. */
  reason: string | undefined;
  /** Report of the event's end that came before the answer. */
  completion: DeliveryReport | undefined;
  completedAtMs = Number.NaN;

  constructor(id: string, index: number, scheduledAtMs: number) {
    this.id = id;
    this.index = index;
    this.scheduledAtMs = scheduledAtMs;
  }

  /** True if the server may have received some of it. */
  get wasSent(): boolean {
    return !Number.isNaN(this.sentAtMs);
  }
}

const rpcOutcomes: Readonly<Record<number, Outcome>> = {
  200: 'ok',
  429: 'rejected',
  503: 'rejected',
  504: 'timeout',
};

const eventOutcomes: Readonly<Record<number, Outcome>> = { 202: 'pending', 429: 'dropped', 503: 'dropped' };

/** Outcome by the gateway's answer. */
export function rpcOutcome(status: number, inTime: boolean): Outcome {
  const outcome = rpcOutcomes[status] ?? 'failed';
  return outcome === 'ok' ? effect(inTime) : outcome;
}

/** Outcome by the publisher's answer, until the event completes. */
export const eventOutcome = (status: number): Outcome => eventOutcomes[status] ?? 'unknown';

/** Outcome without an answer: unknown, unless no connection was established. */
export function silenceOutcome(path: Path, wasSent: boolean): Outcome {
  if (wasSent) return 'unknown';
  return path === 'rpc' ? 'failed' : 'dropped';
}

/** True if a completion can still change the outcome. */
export const isProvisional = (outcome: Outcome): boolean => outcome === 'pending' || outcome === 'unknown';

/** Outcome by the report of an event's end. */
export const completionOutcome = (report: Pick<DeliveryReport, 'outcome'>, inTime: boolean): Outcome =>
  report.outcome === 'dead' ? 'dead' : effect(inTime);

const effect = (inTime: boolean): Outcome => (inTime ? 'ok' : 'late');
