import type { Clock, Timer } from '#kit/clock.ts';
import type { Scheduled } from '#load/phases.ts';

/** Timers of more than 24 days fire at once. */
const longestNapMs = 60_000;

/**
 * Sends each request as soon as it is due, never before. Timers wake it; and whoever is about to do other work runs it
 * first, so that what is due does not wait behind a batch of answers.
 */
export class Pump {
  readonly #clock: Clock;
  #startAtMs: number | undefined;
  readonly #schedule: Iterator<Scheduled, void, undefined>;
  readonly #send: (due: Scheduled) => void;
  readonly #mayGo: () => boolean;
  #next: Scheduled | undefined;
  #timer: Timer;

  /** What is due waits while `mayGo` says no; whoever changes that runs the pump. */
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

  /** Due times count from `atMs` on the clock. */
  start(atMs: number): void {
    this.#startAtMs = atMs;
    this.run();
  }

  /** Everything has been sent. */
  get isDone(): boolean {
    return this.#next === undefined;
  }

  /** Sends what is due by now, and sees to it that the rest is sent in time. Cheap when nothing is due. */
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

  /** Sends nothing more. */
  stop(): void {
    this.#next = undefined;
    this.#clock.cancel(this.#timer);
  }

  #advance(): void {
    this.#next = this.#schedule.next().value ?? undefined;
  }
}
