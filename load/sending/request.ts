import { AnswerError } from '#kit/http-client/answer.ts';
import type { Channel } from '#kit/http-client/connection.ts';
import { parseJson } from '#kit/json.ts';
import { memo } from '#kit/memo.ts';
import { cut } from '#kit/schema/shorten.ts';
import { withoutPasswords } from '#kit/urls.ts';
import { type DeliveryReport, isCompleted, type Outcome, type Path } from '#kit/wire.ts';
import { type AttemptCount, noAttempts } from './attempt-count.ts';

/** State of a request. Times are on the generator's clock, and NaN until they are known. */
export class Request<M = string> {
  readonly id: string;
  readonly index: number;
  readonly scheduledAtMs: number;
  /** Position among the open requests; undefined for others. */
  position: number | undefined;
  /** Undefined after the answer. */
  connection: Channel<M> | undefined;
  sentAtMs = Number.NaN;
  /** Time of the answer or completion that decided the outcome. */
  endedAtMs = Number.NaN;
  /** 0 without an answer. */
  status = 0;
  attempts: number | undefined;
  counted: AttemptCount = noAttempts;
  /** Undefined before the answer. Provisional while a completion can change it, as for a redriven dead event. */
  outcome: Outcome | undefined;
  /** Line of text that describes an unsuccessful answer, or the reason why there was no answer. */
  reason: string | undefined;
  /** Report of the event's end, if it arrived before the answer. */
  completion: DeliveryReport | undefined;
  completedAtMs = Number.NaN;

  constructor(id: string, index: number, scheduledAtMs: number) {
    this.id = id;
    this.index = index;
    this.scheduledAtMs = scheduledAtMs;
  }

  /** True if the server may have received a part of the request. */
  get wasSent(): boolean {
    return !Number.isNaN(this.sentAtMs);
  }
}

const rpcOutcomes: Readonly<Record<number, Outcome>> = {
  429: 'rejected',
  503: 'rejected',
  504: 'timeout',
};

const eventOutcomes: Readonly<Record<number, Outcome>> = { 429: 'dropped', 503: 'dropped' };

/** Statuses that mean success, by path, unless the experiment's request has others. */
export const successOn: Readonly<Record<Path, readonly number[]>> = { rpc: [200], event: [202] };

export function rpcOutcome(
  status: number,
  inTime: boolean,
  success: readonly number[] = successOn.rpc,
): Outcome {
  return success.includes(status) ? effect(inTime) : (rpcOutcomes[status] ?? 'failed');
}

/** Returns the outcome for the publisher's answer. `pending` and `unknown` are valid until the completion arrives. */
export const eventOutcome = (status: number, success: readonly number[] = successOn.event): Outcome =>
  success.includes(status) ? 'pending' : (eventOutcomes[status] ?? 'unknown');

/** Returns the outcome without an answer: unknown if the server may have received a part of the request. */
export function silenceOutcome(path: Path, wasSent: boolean): Outcome {
  if (wasSent) return 'unknown';
  return path === 'rpc' ? 'failed' : 'dropped';
}

/** True if a completion can still change the outcome. */
export const isProvisional = (outcome: Outcome): boolean => outcome === 'pending' || outcome === 'unknown';

export const completionOutcome = (report: Pick<DeliveryReport, 'outcome'>, inTime: boolean): Outcome =>
  report.outcome === 'dead' ? 'dead' : effect(inTime);

const effect = (inTime: boolean): Outcome => (inTime ? 'ok' : 'late');

/** End of a request as the record has it. NaN is an empty field. */
export type Ending = Readonly<
  Record<'lagMs' | 'latencyMs' | 'status' | 'attempts', number> & { outcome: Outcome }
>;

/** True if a request can end like this. `success` are the statuses that mean success. */
export function isPossible(
  path: Path,
  { outcome, status, lagMs, latencyMs, attempts }: Ending,
  success: readonly number[] = successOn[path],
): boolean {
  const wasSent = !Number.isNaN(lagMs);
  if ((outcome === 'dropped' || outcome === 'unsent') && attempts > 0) return false;
  if (outcome === 'unsent') return status === 0 && !wasSent;
  if (path === 'rpc') {
    const answered = rpcOutcome(status, outcome !== 'late', success);
    return outcome === (status === 0 ? silenceOutcome(path, wasSent) : answered);
  }
  // The report of an event's end decides, regardless of the answer.
  if (isCompleted(outcome) || outcome === 'dead') return true;
  if (isProvisional(outcome) && !Number.isNaN(latencyMs)) return false;
  return outcome === (status === 0 ? silenceOutcome(path, wasSent) : eventOutcome(status, success));
}

const reasonCharsMax = 120;
const reasonBytesMax = 4096;

/**
 * Returns `answerReason` with a memory for short answers, since reading one takes 10 µs. With `isSecret`, returns the
 * status alone, since an answer may repeat a secret of its request.
 */
export function answerReasons(isSecret: boolean): typeof answerReason {
  if (isSecret) return String;
  const bodies = memo<{ readonly status: number; readonly reason: string }>();
  return (status, body) => {
    const read = () => ({ status, reason: answerReason(status, body) });
    const known = body.length > reasonBytesMax ? read() : bodies(body, read);
    return known.status === status ? known.reason : read().reason;
  };
}

/** Returns the reason for an unsuccessful answer, such as `502: downstream failed`. `body` is latin1. */
export function answerReason(status: number, body: string): string {
  const text = utf8(body.slice(0, reasonBytesMax));
  const said = textOf(body.length > reasonBytesMax ? undefined : parseJson(text)) ?? text;
  return short(said.trim() === '' ? String(status) : `${status}: ${said}`);
}

/** Returns the reason for a missing answer. With `isSecret`, leaves out the text of an invalid answer. */
export const brokenReason = (reason: Error, isSecret: boolean): string =>
  short(
    isSecret && reason instanceof AnswerError ? reason.message.replace(/, got .*$/s, '') : reason.message,
  );

const utf8 = (latin1: string): string =>
  /[^\0-\x7f]/.test(latin1) ? decoder.decode(Uint8Array.from(latin1, (char) => char.charCodeAt(0))) : latin1;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Matches a reason that may need a replacement. An overload brings thousands that need none, each with its own time. */
const unclean = /[<\p{Cc}]|\s\s|[^\S ]|\/\/|bearer|basic|password|secret|token|key/iu;

/** Shortens a reason to one line. Removes markup, control characters and credentials. */
function short(reason: string): string {
  if (!unclean.test(reason)) return cut(reason.trim(), reasonCharsMax);
  const line = withoutPasswords(reason)
    .replaceAll(/<(style|script)\b[\s\S]*?<\/\1>|<[a-z!/][^>]*>/gi, ' ')
    .replaceAll(/\p{Cc}|\s+/gu, ' ')
    .replaceAll(/\b(bearer|basic) +\S+/gi, '$1 …')
    .replaceAll(/((?:password|passwd|secret|token|api[_-]?key)"?\s*[:=]\s*)("[^"]*"?|[^\s,;}]+)/gi, '$1…')
    .replaceAll(/ +/g, ' ')
    .trim();
  return cut(line, reasonCharsMax);
}

/** Returns the text of a problem (RFC 9457) or another error in JSON. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return undefined;
  const { title, detail, error, message } = value as Record<string, unknown>;
  const parts = [title, detail].filter((part) => typeof part === 'string');
  return parts.length > 0 ? parts.join(': ') : (textOf(error) ?? textOf(message));
}
