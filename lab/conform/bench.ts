import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock, sleep } from '#kit/clock.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { exportedClient, type Module } from '#policies/client.ts';
import type { ClientCall, ClientRequest } from '#policies/declared.d.ts';
import type { Attempt, Call, Sequence } from './seen.ts';

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

/** Answers an attempt, by its number in its call, from 0. */
export type Script = (attempt: number) => Answer;

export const healthy = (afterMs: number): Script => {
  return () => ({ afterMs });
};
export const silent: Script = healthy(Number.POSITIVE_INFINITY);

/** Thrown if real time does not suffice. */
export class NotMeasured extends Error {}

export const tooLong = 'takes too long in real time';
export const tooBusy = 'the machine was too busy';

/** Most attempts of a call that are answered, since some clients never stop, even if their caller gave up. */
const attemptsMax = 200;

/** Longest wait for one event in real time. */
const realMaxMs = 20_000;

const stepMs = 10;

/** Least time by which a wait takes too long on a busy machine. */
const stallMs = 5;

/** Turns of the event loop within which all that is due happens, such as a connection and a request on it. */
const turns = 10;

/** Scripted dependency, and calls of a client to it, on a clock that is virtual or real. */
export class Bench {
  readonly calls: Call[] = [];
  readonly attempts: Attempt[] = [];
  /** Errors of calls, and of attempts as the client got them. */
  readonly errors = new WeakMap<Call | Attempt, unknown>();
  readonly isVirtual: boolean;
  /** Time within which an attempt that starts at once is seen. */
  readonly tickMs: number;
  /** Returns the number of pending timers that keep a process alive. */
  readonly timers: () => number;
  answer: Script = healthy(0);
  /** Calls that a report shows, if not all. */
  only: readonly Call[] | undefined;
  readonly #clock: Clock;
  readonly #startMs: number;
  readonly #limitMs: number;
  readonly #context = new AsyncLocalStorage<Call>();
  readonly #byKey = new Map<string | AbortSignal, Call>();
  readonly #callers = new WeakMap<Call, AbortController>();
  readonly #finish = new WeakMap<Attempt, (answer: Answer) => void>();
  readonly #clients: ClientCall[] = [];
  readonly #notes: { readonly atMs: number; readonly text: string }[] = [];
  /** Attempts with a signal that had aborted before. */
  #lateSends = 0;
  #called = 0;
  /** Times by which waits took too long, since the machine or this thread was busy. */
  readonly #stalls: { readonly atMs: number; readonly ms: number }[] = [];
  #shownAtMs = 0;

  /** `limitMs` is the longest time of the scenario. */
  constructor(clock: Clock, limitMs: number, timers = (): number => Number.NaN) {
    this.timers = timers;
    this.#clock = clock;
    this.#startMs = clock.now();
    this.#limitMs = limitMs;
    this.isVirtual = clock instanceof VirtualClock;
    this.tickMs = this.isVirtual ? 10 : 60;
  }

  async open(module: Module, url: string, instances: number): Promise<void> {
    const client = exportedClient(module);
    const send = (signal?: AbortSignal, request?: ClientRequest) => this.#send(signal, request);
    for (let i = 0; i < instances; i++) this.#clients.push(await client({ url, send }));
    const [first] = this.#clients;
    if (typeof first !== 'function')
      throw new TypeError(`the client returned ${typeof first}, expected a function of a request`);
  }

  now(): number {
    return this.#clock.now() - this.#startMs;
  }

  /** Resolves after `ms`. Rejects with NotMeasured if the scenario may not take so long. */
  async wait(ms: number): Promise<void> {
    const startMs = this.now();
    if (startMs + ms > this.#limitMs) throw new NotMeasured(tooLong);
    await this.#sleep(ms);
    // A thread that was held up has yet to handle what happened meanwhile.
    if (!this.isVirtual) for (let turn = 0; turn < turns; turn++) await this.#sleep(0);
  }

  async #sleep(ms: number): Promise<void> {
    const dueMs = this.now() + ms;
    await sleep(ms, this.#clock);
    const atMs = this.now();
    if (atMs - dueMs > stallMs) this.#stalls.push({ atMs, ms: atMs - dueMs });
  }

  /** Returns true if this thread was not held up for longer than `withinMs` in a period, by default since `show`. */
  #isSteady(withinMs: number, fromMs = this.#shownAtMs, toMs = this.now()): boolean {
    const stalls = this.#stalls.filter(({ atMs, ms }) => atMs > fromMs && atMs - ms < toMs);
    return !(stalls.reduce((sum, { ms }) => sum + ms, 0) > withinMs);
  }

  /** Throws NotMeasured if this thread was held up for longer than `withinMs` since `show`. */
  steady(withinMs: number): void {
    if (!this.#isSteady(withinMs)) throw new NotMeasured(tooBusy);
  }

  /** Throws NotMeasured if this thread was held up for so long that a healthy call may have taken `ms`. */
  prompt(ms: number): void {
    if (!this.#stalls.every(({ atMs }) => this.#isSteady(ms / 2, atMs - ms, atMs)))
      throw new NotMeasured(tooBusy);
  }

  /** Returns true if the time between two events is right to a tenth. Only what happens near them changes it. */
  isExact(fromMs: number, toMs: number): boolean {
    const errorMs = Math.max(this.tickMs / 2, (toMs - fromMs) / 10);
    const nearMs = 1.5 * errorMs;
    return (
      this.#isSteady(errorMs, fromMs, Math.min(toMs, fromMs + nearMs)) &&
      this.#isSteady(errorMs, Math.max(fromMs, toMs - nearMs), toMs)
    );
  }

  /**
   * Waits for a condition. Resolves with false if it isn't true within `maxMs`. Rejects with NotMeasured if real time
   * doesn't suffice for that.
   */
  async until(isSo: () => boolean, maxMs: number): Promise<boolean> {
    const startMs = this.now();
    while (!isSo()) {
      if (this.isOver(startMs, maxMs)) return false;
      await this.wait(Math.max(stepMs, (this.now() - startMs) / 1000));
    }
    return true;
  }

  /** Returns true if `maxMs` have passed. Throws NotMeasured if real time doesn't suffice for them. */
  isOver(startMs: number, maxMs: number): boolean {
    const elapsedMs = this.now() - startMs;
    if (!this.isVirtual && elapsedMs >= realMaxMs && maxMs > realMaxMs) throw new NotMeasured(tooLong);
    return elapsedMs >= maxMs;
  }

  /** Waits until calls have ended, at most for `maxMs`. Resolves with true if they have. */
  ended(calls: readonly Call[], maxMs: number): Promise<boolean> {
    return this.until(() => calls.every(({ endedAtMs }) => endedAtMs !== undefined), maxMs);
  }

  /** Sets the script, and begins the sequence that shows the fact. Forgets what was before. */
  show(answer: Script, text?: string): void {
    this.answer = answer;
    this.calls.length = this.attempts.length = this.#notes.length = 0;
    this.#shownAtMs = this.now();
    if (text) this.note(text);
  }

  /** Forgets all calls, so that many of them need no memory. */
  forget(): void {
    this.#byKey.clear();
    this.show(this.answer);
  }

  note(text: string): void {
    this.#notes.push({ atMs: this.now(), text });
  }

  burst(calls: number): Call[] {
    return Array.from({ length: calls }, () => this.call());
  }

  /** Makes a call, and resolves with it once it had time for an attempt. */
  async probe(): Promise<Call> {
    const call = this.call();
    await this.wait(this.tickMs);
    return call;
  }

  /** Makes calls one after another. Resolves with the number of those that made an attempt at once. */
  async admitted(calls: number): Promise<number> {
    let admitted = 0;
    for (let i = 0; i < calls; i++) {
      const call = await this.probe();
      if (call.attempts.length > 0) admitted += 1;
      else this.cancel(call);
    }
    return admitted;
  }

  call({ instance = 0, isIdempotent = true, caller = new AbortController() } = {}): Call {
    const number = this.#called++;
    const call: Call = { number, startedAtMs: this.now(), attempts: [] };
    const id = `call-${number}`;
    this.calls.push(call);
    this.#byKey.set(id, call).set(caller.signal, call);
    this.#callers.set(call, caller);
    const body = { id, idempotent: isIdempotent };
    const request = { id, body, signal: caller.signal, timeLeftMs: Number.POSITIVE_INFINITY };
    const end = (isOk: boolean) => Object.assign(call, { endedAtMs: this.now(), isOk });
    this.#context
      .run(call, async () => this.#clients[instance]!(request))
      .then(
        () => end(true),
        (error) => {
          this.errors.set(call, error);
          end(false);
        },
      );
    return call;
  }

  cancel(call: Call): void {
    call.cancelledAtMs ??= this.now();
    this.#callers.get(call)!.abort(new Error('the caller gave up'));
  }

  /** Call with this id or signal; undefined if there is none. */
  callOf(key: string | AbortSignal | undefined): Call | undefined {
    return this.#byKey.get(key ?? '');
  }

  /** Answers an attempt well, before its time. Does nothing if the attempt has ended. */
  finish(attempt: Attempt): void {
    this.#finish.get(attempt)!({ afterMs: 0 });
  }

  /** Counts an attempt, and answers it by the script. Returns it with a function that gives it up. */
  begin(call: Call | undefined, reply: (answer: Answer) => void) {
    const attempt: Attempt = { call: call?.number ?? null, startedAtMs: this.now() };
    const number = call?.attempts.length ?? 0;
    this.attempts.push(attempt);
    call?.attempts.push(attempt);
    const scripted = (number < attemptsMax ? this.answer : silent)(number);
    const end = () => {
      attempt.endedAtMs = this.now();
      this.#clock.cancel(timer);
    };
    const finish = (answer: Answer) => {
      if (attempt.endedAtMs !== undefined) return;
      end();
      attempt.status = answer.status ?? 200;
      reply(answer);
    };
    const timer = Number.isFinite(scripted.afterMs)
      ? this.#clock.after(scripted.afterMs, () => finish(scripted))
      : undefined;
    this.#finish.set(attempt, finish);
    const giveUp = () => {
      if (attempt.endedAtMs !== undefined) return;
      attempt.cancelledAtMs ??= this.now();
      if (!scripted.isDeaf || !this.isVirtual) end();
    };
    return { attempt, giveUp };
  }

  /** Returns what a report shows. */
  sequence(): Sequence {
    return {
      notes: this.#notes,
      calls: this.only ?? this.calls,
      others: this.attempts.filter(({ call }) => call === null),
    };
  }

  #send(signal?: AbortSignal, request?: ClientRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        this.#lateSends += 1;
        if (this.#lateSends < attemptsMax) reject(signal.reason);
        return;
      }
      const call = this.callOf(request?.id) ?? this.callOf(signal) ?? this.#context.getStore();
      const abort = () => {
        giveUp();
        if (attempt.endedAtMs !== undefined) reject(signal?.reason);
      };
      const { attempt, giveUp } = this.begin(call, ({ status = 200, retryAfterMs }) => {
        signal?.removeEventListener('abort', abort);
        if (status < 400) return resolve({ status });
        const error = Object.assign(new Error(`the dependency answered ${status}`), {
          status,
          ...(retryAfterMs !== undefined && { retryAfterMs }),
        });
        this.errors.set(attempt, error);
        reject(error);
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}
