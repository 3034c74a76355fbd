import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock, sleep } from '#kit/clock.ts';
import type { Client, ClientCall, ClientRequest } from '#policies/declared.d.ts';
import type { AttemptSeen, CallSeen, Note, Sequence } from './seen.ts';

/** Answer of the dependency to an attempt. */
export interface Answer {
  /** Time until the answer; Infinity for none. */
  readonly afterMs: number;
  /** @default 200 */
  readonly status?: number;
  readonly retryAfterMs?: number;
  /** True if the work goes on after the client gave up, and the client's function settles only with it. */
  readonly isDeaf?: boolean;
}

/** Attempt under way. */
export interface Attempt extends AttemptSeen {
  /** Answers before its time. Does nothing if the attempt has ended. */
  readonly finish: (answer: Pick<Answer, 'status' | 'retryAfterMs'>) => void;
  readonly answer: Answer;
  /** Error of the attempt as the client got it. */
  error?: unknown;
}

export interface Call extends CallSeen {
  readonly attempts: Attempt[];
  readonly ended: Promise<void>;
  readonly cancel: () => void;
  /** Error of the call. */
  error?: unknown;
}

/** Thrown if a scenario would take longer than the bench allows. */
export class TooLong extends Error {
  override readonly name = 'TooLong';
}

/** Receives the answer to an attempt. */
type Reply = (answer: Answer, attempt: Attempt) => void;

interface BenchOptions {
  readonly clock: Clock;
  /** Longest time of the scenario. */
  readonly limitMs: number;
  /** Time within which an attempt that starts at once is seen. */
  readonly tickMs: number;
  readonly isVirtual: boolean;
  /** Address of the dependency. */
  readonly url: string;
  /** Returns the number of pending timers. */
  readonly timers: () => number;
}

/** Most attempts of a call that are answered, since some clients never stop, even if their caller gave up. */
const attemptsMax = 200;

/** Statuses of an attempt by its number. They differ, so that the error of a call tells which attempt it is from. */
const statuses = [503, 500, 502, 504];

export const failureOf = ({ call }: Pick<AttemptSeen, 'call'>, { calls }: Pick<Bench, 'calls'>): number =>
  statuses[Math.max(0, (calls[call ?? -1]?.attempts.length ?? 1) - 1) % statuses.length]!;

/** Scripted dependency, and calls of a client to it, on a clock that is virtual or real. */
export class Bench {
  readonly calls: Call[] = [];
  readonly attempts: Attempt[] = [];
  readonly tickMs: number;
  readonly isVirtual: boolean;
  readonly timers: () => number;
  /** Script of the dependency. */
  answer: (attempt: Attempt) => Answer = () => ({ afterMs: 0 });
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #limitMs: number;
  readonly #url: string;
  readonly #context = new AsyncLocalStorage<Call>();
  readonly #bySignal = new WeakMap<AbortSignal, Call>();
  readonly #clients: ClientCall[] = [];
  readonly #notes: Note[] = [];
  /** Attempts with a signal that had aborted before. */
  #lateSends = 0;
  #only: ReadonlySet<Call> | undefined;
  #shown = { calls: 0, attempts: 0, notes: 0 };

  constructor({ clock, limitMs, tickMs, isVirtual, url, timers }: BenchOptions) {
    this.#clock = clock;
    this.#startMs = clock.now();
    this.#limitMs = limitMs;
    this.#url = url;
    this.tickMs = tickMs;
    this.isVirtual = isVirtual;
    this.timers = timers;
  }

  /** Opens instances of a client. */
  async open(client: Client, instances: number): Promise<void> {
    const send = (signal?: AbortSignal, request?: ClientRequest) => this.#send(signal, request);
    for (let i = 0; i < instances; i++) this.#clients.push(await client({ url: this.#url, send }));
    const [first] = this.#clients;
    if (typeof first !== 'function')
      throw new TypeError(`the client returned ${typeof first}, expected a function of a request`);
  }

  now(): number {
    return this.#clock.now() - this.#startMs;
  }

  /** Resolves after `ms`. Rejects with TooLong if the scenario may not take so long. */
  async wait(ms: number): Promise<void> {
    if (this.now() + ms > this.#limitMs) throw new TooLong();
    await sleep(ms, this.#clock);
  }

  /** Waits until all calls have ended, at most for `maxMs`. Resolves with true if they have. */
  async ended(calls: readonly Call[], maxMs: number): Promise<boolean> {
    const isOver = () => calls.every(({ endedAtMs }) => endedAtMs !== undefined);
    if (isOver()) return true;
    const leftMs = this.#limitMs - this.now();
    const late = new AbortController();
    const timer = this.#clock.after(Math.min(maxMs, leftMs), () => late.abort());
    const gaveUp = new Promise<void>((resolve) => late.signal.addEventListener('abort', () => resolve()));
    await Promise.race([Promise.all(calls.map(({ ended }) => ended)), gaveUp]);
    this.#clock.cancel(timer);
    if (!isOver() && leftMs < maxMs) throw new TooLong();
    return isOver();
  }

  /** Begins the sequence that shows the fact. */
  show(text?: string): void {
    this.#shown = {
      calls: this.calls.length,
      attempts: this.attempts.length,
      notes: this.#notes.length,
    };
    if (text) this.note(text);
  }

  note(text: string): void {
    this.#notes.push({ atMs: this.now(), text });
  }

  /** Limits the sequence to some calls. */
  showOnly(calls: readonly Call[]): void {
    this.#only = new Set(calls);
  }

  /** Calls since `show`. */
  get shownCalls(): readonly Call[] {
    return this.calls.slice(this.#shown.calls);
  }

  /** Attempts since `show`. */
  get shownAttempts(): readonly Attempt[] {
    return this.attempts.slice(this.#shown.attempts);
  }

  /** Forgets ended calls, so that many of them need no memory. */
  forget(): void {
    this.calls.length = 0;
    this.attempts.length = 0;
  }

  /** Starts a call of an instance. */
  call({ instance = 0, isIdempotent = true, signal }: CallOptions = {}): Call {
    const controller = new AbortController();
    const over = Promise.withResolvers<void>();
    const cancel = () => {
      call.cancelledAtMs ??= this.now();
      controller.abort(new Error('the caller gave up'));
    };
    const call: Call = {
      number: this.calls.length,
      startedAtMs: this.now(),
      attempts: [],
      ended: over.promise,
      cancel,
    };
    this.calls.push(call);
    const until = signal ?? controller.signal;
    this.#bySignal.set(until, call);
    const id = `call-${call.number}`;
    const request = {
      id,
      body: { id, idempotent: isIdempotent },
      signal: until,
      timeLeftMs: Number.POSITIVE_INFINITY,
    };
    const end = (isOk: boolean, error?: unknown) => {
      Object.assign(call, { endedAtMs: this.now(), isOk, error });
      over.resolve();
    };
    this.#context
      .run(call, async () => this.#clients[instance]!(request))
      .then(
        () => end(true),
        (error) => end(false, error),
      );
    return call;
  }

  /** Call with this id; undefined if there is none. */
  callOf = (id: string | undefined): Call | undefined =>
    this.calls[Number(/^call-(\d+)$/.exec(id ?? '')?.[1])];

  /** Counts an attempt, and answers it by the script. Returns a function that gives it up. */
  begin(call: Call | undefined, reply: Reply): { readonly attempt: Attempt; readonly giveUp: () => void } {
    const finish = (answer: Pick<Answer, 'status' | 'retryAfterMs'>) => {
      if (attempt.endedAtMs !== undefined) return;
      this.#clock.cancel(timer);
      const { status = 200 } = answer;
      Object.assign(attempt, { endedAtMs: this.now(), status });
      reply({ ...attempt.answer, ...answer, status }, attempt);
    };
    const attempt = { call: call?.number ?? null, startedAtMs: this.now(), finish } as Attempt;
    this.attempts.push(attempt);
    call?.attempts.push(attempt);
    const isEndless = (call?.attempts.length ?? 0) > attemptsMax;
    const answer = isEndless ? { afterMs: Number.POSITIVE_INFINITY } : this.answer(attempt);
    Object.assign(attempt, { answer });
    const timer =
      answer.afterMs === Number.POSITIVE_INFINITY
        ? undefined
        : this.#clock.after(answer.afterMs, () => finish(answer));
    const giveUp = () => {
      if (attempt.endedAtMs !== undefined) return;
      attempt.cancelledAtMs ??= this.now();
      if (answer.isDeaf && this.isVirtual) return;
      attempt.endedAtMs = this.now();
      this.#clock.cancel(timer);
    };
    return { attempt, giveUp };
  }

  /** Returns what a report shows. */
  sequence(): Sequence {
    return {
      notes: this.#notes.slice(this.#shown.notes),
      calls: this.shownCalls.filter((call) => this.#only?.has(call) ?? true).map(plainCall),
      others: this.shownAttempts.filter(({ call }) => call === null).map(plainAttempt),
    };
  }

  #send(signal?: AbortSignal, request?: ClientRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        this.#lateSends += 1;
        if (this.#lateSends < attemptsMax) reject(signal.reason);
        return;
      }
      const call =
        this.callOf(request?.id) ?? (signal && this.#bySignal.get(signal)) ?? this.#context.getStore();
      const abort = () => {
        giveUp();
        if (attempt.endedAtMs !== undefined) reject(signal?.reason);
      };
      const { attempt, giveUp } = this.begin(call, ({ status = 200, retryAfterMs }, attempt) => {
        signal?.removeEventListener('abort', abort);
        if (status < 400) return resolve({ status });
        attempt.error = Object.assign(new Error(`the dependency answered ${status}`), {
          status,
          ...(retryAfterMs !== undefined && { retryAfterMs }),
        });
        reject(attempt.error);
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}

interface CallOptions {
  /** Number of the instance. @default 0 */
  readonly instance?: number;
  /** @default true */
  readonly isIdempotent?: boolean;
  /** Signal of the caller, instead of a new one. */
  readonly signal?: AbortSignal;
}

const plainCall = ({ number, startedAtMs, endedAtMs, isOk, cancelledAtMs, attempts }: CallSeen): CallSeen =>
  defined({ number, startedAtMs, endedAtMs, isOk, cancelledAtMs, attempts: attempts.map(plainAttempt) });

const plainAttempt = ({ call, startedAtMs, endedAtMs, status, cancelledAtMs }: AttemptSeen): AttemptSeen =>
  defined({ call, startedAtMs, endedAtMs, status, cancelledAtMs });

/** Returns an object without its undefined fields. */
const defined = <T extends object>(object: { [K in keyof T]: T[K] | undefined }): T =>
  JSON.parse(JSON.stringify(object));
