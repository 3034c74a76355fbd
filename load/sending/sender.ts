import { Bag } from '#kit/bag.ts';
import type { Clock } from '#kit/clock.ts';
import { type Classes, classOf } from '#kit/http/request.ts';
import type { Answer } from '#kit/http-client/answer.ts';
import type { Channel } from '#kit/http-client/connection.ts';
import { parseJson } from '#kit/json.ts';
import type { DeliveryReport, Outcome } from '#kit/wire.ts';
import { attemptsIn, counted } from './attempt-count.ts';
import type { Ledger } from './ledger.ts';
import { type Offering, variablesOf } from './own-request.ts';
import {
  answerReasons,
  brokenReason,
  completionOutcome,
  eventOutcome,
  isProvisional,
  Request,
  rpcOutcome,
  silenceOutcome,
  successOn,
} from './request.ts';

/** Function that makes the message for a request, in the form that the connections send. */
export type Encode<M> = (id: string, index: number, leftMs: number, ofClass: string | undefined) => M;

/** `M` is the type of the connections' messages: HTTP texts, unless the connections are simulated. */
interface SenderParts<M> extends Omit<Offering, 'url'> {
  readonly clock: Clock;
  readonly deadlineMs: number;
  readonly classes?: Classes;
  /** True if a dead event may be redriven. */
  readonly redrives?: boolean;
  readonly encode: Encode<M>;
  readonly connections: { take(): Channel<M> | undefined; give(connection: Channel<M>): void };
  readonly ledger: Ledger;
  /** Called before an answer or a report is handled. */
  readonly first: () => void;
  readonly ended: (request: Request<M>) => void;
}

/** Sends requests, and follows each request to its outcome. */
export class Sender<M = string> {
  readonly #parts: SenderParts<M>;
  readonly #open = new Bag<'position', Request<M>>('position');
  /** Open requests for events, by id. */
  readonly #events = new Map<string, Request<M>>();
  /** True if the requests have variables, whose values are secret. */
  readonly #isSecret: boolean;
  readonly #reasonOf: ReturnType<typeof answerReasons>;
  readonly #success: readonly number[];

  constructor(parts: SenderParts<M>) {
    this.#parts = parts;
    this.#isSecret = parts.request !== undefined && variablesOf(parts.request).length > 0;
    this.#reasonOf = answerReasons(this.#isSecret);
    this.#success = parts.request?.success ?? successOn[parts.path];
  }

  get open(): number {
    return this.#open.size;
  }

  /** Sends a request on a free connection. If there is none, the request ends as `unsent`. */
  send(id: string, index: number, scheduledAtMs: number): void {
    const { classes, clock, connections, deadlineMs, encode, ledger, path, seed = 0 } = this.#parts;
    const request = new Request<M>(id, index, scheduledAtMs);
    ledger.offered();
    request.connection = connections.take();
    if (!request.connection) return void this.#end(request, 'unsent', Number.NaN);
    this.#open.add(request);
    if (path === 'event') this.#events.set(id, request);
    const beganAtMs = clock.now();
    const leftMs = Math.max(1, Math.round(scheduledAtMs + deadlineMs - beganAtMs));
    const ofClass = classes && classOf(classes, seed, id);
    request.connection.send(encode(id, index, leftMs, ofClass), {
      sending: () => {
        // The time at which sending began counts, not the current time. A reconnect after the server closed the
        // connection is not the generator's lag.
        request.sentAtMs = beganAtMs;
      },
      answered: (answer) => this.#answered(request, answer),
      broken: (reason) => this.#broken(request, reason),
    });
  }

  /** Handles a report on an event. Ignores reports on unknown or ended requests. */
  readonly reported = (report: DeliveryReport): void => {
    const nowMs = this.#parts.clock.now();
    this.#parts.first();
    const request = this.#events.get(report.id);
    if (!request) return;
    request.counted = counted(request.counted, report);
    if (report.outcome === 'redelivered') return;
    if (request.outcome) this.#completed(request, report, nowMs);
    else if (request.completion?.outcome !== 'ok') {
      request.completion = report;
      request.completedAtMs = nowMs;
    }
  };

  /** Ends open requests scheduled before a time with their outcomes so far. Closes connections that still wait. */
  settle(scheduledBeforeMs = Number.POSITIVE_INFINITY): void {
    for (const request of this.#open.items().sort((a, b) => a.index - b.index)) {
      if (request.scheduledAtMs >= scheduledBeforeMs) return;
      request.connection?.close();
      this.#free(request);
      if (request.completion) this.#completed(request, request.completion, request.completedAtMs);
      if (request.position !== undefined)
        this.#end(request, request.outcome ?? this.#silence(request), request.endedAtMs);
    }
  }

  #answered(request: Request<M>, { status, attempts, body }: Answer): void {
    const { clock, first, ledger, path } = this.#parts;
    const nowMs = clock.now();
    this.#free(request);
    first();
    request.status = status;
    request.attempts = attempts;
    const isSuccess = this.#success.includes(status);
    if (!isSuccess) request.reason = this.#reasonOf(status, body);
    if (path === 'event' && isSuccess) ledger.accept(isDuplicate(body), nowMs - request.scheduledAtMs);
    const outcome =
      path === 'event'
        ? eventOutcome(status, this.#success)
        : rpcOutcome(status, this.#inTime(request, nowMs), this.#success);
    this.#decided(request, outcome, nowMs);
  }

  #broken(request: Request<M>, reason: Error): void {
    const nowMs = this.#parts.clock.now();
    request.reason = brokenReason(reason, this.#isSecret);
    this.#free(request);
    this.#parts.first();
    this.#decided(request, this.#silence(request), nowMs);
  }

  #silence({ wasSent }: Request<M>): Outcome {
    return silenceOutcome(this.#parts.path, wasSent);
  }

  /** Ends a request with the outcome of its answer, unless its event has completed or may still complete. */
  #decided(request: Request<M>, outcome: Outcome, nowMs: number): void {
    if (request.completion) this.#completed(request, request.completion, request.completedAtMs);
    else if (this.#parts.path === 'event' && isProvisional(outcome)) this.#move(request, outcome);
    else this.#end(request, outcome, nowMs);
  }

  #completed(request: Request<M>, report: DeliveryReport, atMs: number): void {
    const outcome = completionOutcome(report, this.#inTime(request, atMs));
    if (outcome === 'dead' && this.#parts.redrives) {
      request.endedAtMs = atMs;
      this.#move(request, outcome);
    } else {
      this.#end(request, outcome, atMs);
    }
  }

  #end(request: Request<M>, outcome: Outcome, atMs: number): void {
    request.endedAtMs = atMs;
    request.attempts = this.#attemptsOf(request, outcome);
    this.#open.remove(request);
    this.#events.delete(request.id);
    this.#move(request, outcome);
    this.#parts.ended(request);
  }

  #attemptsOf({ attempts, counted, wasSent }: Request<M>, outcome: Outcome): number | undefined {
    if (outcome === 'dropped' || outcome === 'unsent') return 0;
    if (this.#parts.path === 'rpc') return outcome === 'failed' && !wasSent ? 0 : attempts;
    return attemptsIn(counted);
  }

  #move(request: Request<M>, outcome: Outcome): void {
    this.#parts.ledger.moved(request.outcome, outcome);
    request.outcome = outcome;
  }

  #free(request: Request<M>): void {
    if (request.connection) this.#parts.connections.give(request.connection);
    request.connection = undefined;
  }

  #inTime({ scheduledAtMs }: Request<M>, atMs: number): boolean {
    return atMs - scheduledAtMs <= this.#parts.deadlineMs;
  }
}

const isDuplicate = (body: string): boolean =>
  body.includes('true') && // much cheaper than to parse each answer
  (parseJson(body) as { duplicate?: unknown } | null | undefined)?.duplicate === true;
