import type { FastifyInstance } from 'fastify';
import { type Static, Type } from 'typebox';
import { type Clock, systemClock, type Timer } from './clock.ts';

const time = () => Type.Number({ description: 'In ms on the machine’s monotonic clock.' });

/** Time in which the event loop of a process ran no timer, or in which another process didn't answer it. */
export const Stall = Type.Object({
  process: Type.Optional(Type.Literal('broker', { description: 'If it is not that of the process itself.' })),
  fromMs: time(),
  untilMs: time(),
  cpuMs: Type.Number({ description: 'CPU time of the process within it: little if it was stopped.' }),
});
export type Stall = Readonly<Static<typeof Stall>>;

/** The stalls since a moment; incomplete if the list had no room for the first of them. */
export interface Stalled {
  readonly stalls: readonly Stall[];
  readonly complete: boolean;
}

/** Process that knows stalls, of its own or of another. */
export interface StallSource {
  /** Stalls that ended after a moment. */
  since(fromMs: number): Stalled;
}

/** The last 10,000 stalls. */
export class StallList {
  readonly #stalls: Stall[] = [];
  #forgottenUntilMs = Number.NEGATIVE_INFINITY;

  add(stalls: readonly Stall[]): void {
    this.#stalls.push(...stalls);
    while (this.#stalls.length > keptMax) this.#forgottenUntilMs = this.#stalls.shift()!.untilMs;
  }

  /** Stalls that ended after a moment, oldest first, with those that still last. */
  since(fromMs: number, lasting: readonly Stall[]): Stalled {
    return {
      stalls: [...this.#stalls, ...lasting].filter(({ untilMs }) => untilMs > fromMs),
      complete: this.#forgottenUntilMs <= fromMs,
    };
  }
}

const everyMs = 20;
/** A process that stands still for 50 ms delays its timer by at least 30 ms, since one is due every 20 ms. */
export const stallDelayMs = 30;
const keptMax = 10_000;

/** Samples every 20 ms how late timers run, and records stalls. */
export class EventLoop {
  readonly #clock: Clock;
  readonly #observe: (delayMs: number) => void;
  readonly #cpuMs: () => number;
  readonly #stalls = new StallList();
  #last: { readonly atMs: number; readonly cpuMs: number };
  #timer: Timer;

  /** `observe` receives each delay; `cpuMs` returns the CPU time that the process has used. */
  constructor(
    clock: Clock = systemClock,
    observe: (delayMs: number) => void = () => undefined,
    cpuMs: () => number = cpuOfProcess,
  ) {
    this.#clock = clock;
    this.#observe = observe;
    this.#cpuMs = cpuMs;
    this.#last = { atMs: clock.now(), cpuMs: cpuMs() };
    this.#timer = clock.after(everyMs, this.#sample);
  }

  /** Stalls that ended after a moment, oldest first, with one that has just ended and delays the next sample. */
  since(fromMs: number): Stalled {
    return this.#stalls.since(fromMs, this.#stallUntil(this.#clock.now()));
  }

  stop(): void {
    this.#clock.cancel(this.#timer);
  }

  readonly #sample = (): void => {
    const nowMs = this.#clock.now();
    this.#observe(Math.max(0, nowMs - this.#last.atMs - everyMs));
    this.#stalls.add(this.#stallUntil(nowMs));
    this.#last = { atMs: nowMs, cpuMs: this.#cpuMs() };
    this.#timer = this.#clock.after(everyMs, this.#sample);
  };

  /** From the last sample: the process may have stopped at any moment after it. */
  #stallUntil(untilMs: number): Stall[] {
    const { atMs: fromMs, cpuMs } = this.#last;
    if (untilMs - fromMs - everyMs < stallDelayMs) return [];
    return [{ fromMs, untilMs, cpuMs: this.#cpuMs() - cpuMs }];
  }
}

const cpuOfProcess = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** `GET /stalls?sinceMs=…` on the control port: the stalls that each source knows of. */
export function stallRoute(app: FastifyInstance, ...sources: readonly StallSource[]): void {
  const querystring = Type.Object({
    sinceMs: Type.Optional(Type.String({ pattern: '^\\d{1,15}(\\.\\d+)?$' })),
  });
  app.get('/stalls', { schema: { querystring } }, ({ query }): Stalled => {
    const sinceMs = Number((query as Static<typeof querystring>).sinceMs ?? 0);
    const all = sources.map((source) => source.since(sinceMs));
    return {
      stalls: all.flatMap(({ stalls }) => stalls),
      complete: all.every(({ complete }) => complete),
    };
  });
}
