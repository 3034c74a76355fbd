import { type AttemptCount, noAttempts } from '#kit/http-client/attempt-count.ts';
import type { Channel } from '#kit/http-client/connection.ts';
import type { DeliveryReport, Outcome, Path } from '#kit/wire.ts';

/** What is known of one request. Times are on the generator's clock, NaN until they have come. */
export class Request {
  readonly id: string;
  readonly index: number;
  readonly scheduledAtMs: number;
  /** The one it was sent on, until its answer has come. */
  connection: Channel | undefined;
  sentAtMs = Number.NaN;
  /** When the answer or the news came that decided its outcome. */
  endedAtMs = Number.NaN;
  /** 0 without an answer. */
  status = 0;
  /** Attempts made for it; undefined if unknown. */
  attempts: number | undefined;
  /** Attempts reported by the deliveries of its event. */
  counted: AttemptCount = noAttempts;
  /** Undefined while it waits for its answer; then provisional as long as news may change it, as of a dead event that may be redriven. */
  outcome: Outcome | undefined;
  /** Answer that is no success, or why there was none, in one short line. */
  reason: string | undefined;
  /** News of an event that overtook the answer. */
  news: DeliveryReport | undefined;
  newsAtMs = Number.NaN;

  constructor(id: string, index: number, scheduledAtMs: number) {
    this.id = id;
    this.index = index;
    this.scheduledAtMs = scheduledAtMs;
  }

  /** Some of it may have got there. */
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

/** What the gateway's answer says. */
export function rpcOutcome(status: number, inTime: boolean): Outcome {
  const outcome = rpcOutcomes[status] ?? 'failed';
  return outcome === 'ok' ? effect(inTime) : outcome;
}

/** What the publisher's answer says until there is news of the event. */
export const eventOutcome = (status: number): Outcome => eventOutcomes[status] ?? 'unknown';

/** What is known without an answer: nothing, unless no connection came about and so nobody has the request. */
export function silenceOutcome(path: Path, wasSent: boolean): Outcome {
  if (wasSent) return 'unknown';
  return path === 'rpc' ? 'failed' : 'dropped';
}

/** Whether news of the event can still change what the answer said. */
export const isProvisional = (outcome: Outcome): boolean => outcome === 'pending' || outcome === 'unknown';

/** What the news of an event says. */
export function completionOutcome(news: Pick<DeliveryReport, 'outcome'>, inTime: boolean): Outcome {
  return news.outcome === 'dead' ? 'dead' : effect(inTime);
}

const effect = (inTime: boolean): Outcome => (inTime ? 'ok' : 'late');
