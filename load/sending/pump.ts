import type { Clock, Timer } from '#kit/clock.ts';
import type { Scheduled } from '#load/phases.ts';

/** Limit of a timer: those of more than 24 days fire at once. */
const longestNapMs = 60_000;

/**
 * Sends each request at its scheduled time, never before. Timers run it, and so does other work before it begins, so that
 * due requests don't wait behind a batch of answers.
 */
export class Pump {
  readonly #clock: Clock;
  #startAtMs: number | undefined;
  readonly #schedule: Iterator<Scheduled, void, undefined>;
  readonly #send: (due: Scheduled) => void;
  readonly #mayGo: () => boolean;
  #next: Scheduled | undefined;
  #timer: Timer;

  /** Due requests wait while `mayGo` returns false. The pump must run when that changes. */
  constructor(
    clock: Clock,
    schedule: Iterable<Scheduled>,
    send: (due: Scheduled) => void,
    mayGo: () => boolean = () => true,
  ) {
    this.#clock = clock;
    this.#mayGo = mayGo;
    this.#schedule = schedule[Symbol.iterator]() as Iterator<Scheduled, void, undefined>;
    this.#send = send;
    this.#advance();
  }

  /** Starts. Scheduled times count from `atMs` on the clock. */
  start(atMs: number): void {
    this.#startAtMs = atMs;
    this.run();
  }

  get isDone(): boolean {
    return this.#next === undefined;
  }

  /** Sends due requests, and sets a timer for the next. Cheap if none is due. */
  run(): void {
    if (this.#startAtMs === undefined) return;
    const nowMs = this.#clock.now() - this.#startAtMs;
    while (this.#next && this.#next.scheduledAtMs <= nowMs && this.#mayGo()) {
      const due = this.#next;
      this.#advance();
      this.#send(due);
    }
    if (!this.#next || this.#next.scheduledAtMs <= nowMs || this.#timer !== undefined) return;
    this.#timer = this.#clock.after(Math.min(longestNapMs, this.#next.scheduledAtMs - nowMs), () => {
      this.#timer = undefined;
      this.run();
    });
  }

  stop(): void {
    this.#next = undefined;
    this.#clock.cancel(this.#timer);
  }

  #advance(): void {
    this.#next = this.#schedule.next().value ?? undefined;
  }
}
