import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import { type Clock, systemClock, type Timer } from './clock.ts';
import { Type } from './schema/type.ts';

const time = () => Type.Number({ description: "Ms on the machine's monotonic clock." });

/** Period in which the event loop of a process ran no timers, or in which the broker didn't answer the process. */
export const Stall = Type.Object({
  process: Type.Optional(
    Type.Literal('broker', {
      description: 'Present if the broker stood still, instead of the process itself.',
    }),
  ),
  fromMs: time(),
  untilMs: time(),
  cpuMs: Type.Number({
    description: 'CPU time that the process used during the stall. A stopped process uses little.',
  }),
});
export type Stall = Readonly<Static<typeof Stall>>;

/** Stalls after a given time. */
export interface Stalled {
  readonly stalls: readonly Stall[];
  /** False if some of them were forgotten. */
  readonly complete: boolean;
}

export type StallSource = Pick<StallSampler, 'since'>;

export const stallSampleMs = 20;
/** Shortest delay of the timer that is recorded. */
export const stallDelayMs = 30;
/** Length from which each stall is recorded. A stall of 50 ms delays a timer of 20 ms by at least 30 ms. */
export const recordedStallMs = stallSampleMs + stallDelayMs;
const keptMax = 10_000;

/** Samples every 20 ms, and records stalls when they have ended. */
export abstract class StallSampler {
  protected readonly clock: Clock;
  readonly #stalls: Stall[] = [];
  #forgottenUntilMs = Number.NEGATIVE_INFINITY;
  #timer: Timer;

  constructor(clock: Clock) {
    this.clock = clock;
    this.#timer = clock.after(stallSampleMs, this.#sample);
  }

  /** Returns the stalls that ended after `fromMs`, oldest first, and the current stall if there is one. */
  since(fromMs: number): Stalled {
    const all = [...this.#stalls, ...this.stallUntil(this.clock.now())];
    return {
      stalls: all.filter(({ untilMs }) => untilMs > fromMs),
      complete: this.#forgottenUntilMs <= fromMs,
    };
  }

  stop(): void {
    this.clock.cancel(this.#timer);
  }

  protected record(stalls: readonly Stall[]): void {
    this.#stalls.push(...stalls);
    while (this.#stalls.length > keptMax) this.#forgottenUntilMs = this.#stalls.shift()!.untilMs;
  }

  /** Returns the current stall if there is one. It lasts until now. */
  protected abstract stallUntil(nowMs: number): Stall[];
  protected abstract sample(nowMs: number): void;

  readonly #sample = (): void => {
    this.sample(this.clock.now());
    this.#timer = this.clock.after(stallSampleMs, this.#sample);
  };
}

export class EventLoop extends StallSampler {
  readonly #observe: ((delayMs: number) => void) | undefined;
  readonly #cpuMs: () => number;
  #last: { readonly atMs: number; readonly cpuMs: number };

  /** `observe` receives the delay of each sample. `cpuMs` returns the CPU time that the process has used so far. */
  constructor(
    clock: Clock = systemClock,
    observe?: (delayMs: number) => void,
    cpuMs: () => number = cpuOfProcess,
  ) {
    super(clock);
    this.#observe = observe;
    this.#cpuMs = cpuMs;
    this.#last = { atMs: clock.now(), cpuMs: cpuMs() };
  }

  protected sample(nowMs: number): void {
    this.#observe?.(Math.max(0, nowMs - this.#last.atMs - stallSampleMs));
    this.record(this.stallUntil(nowMs));
    this.#last = { atMs: nowMs, cpuMs: this.#cpuMs() };
  }

  /** A stall begins at the last sample, since the process may have stopped right after it. */
  protected stallUntil(untilMs: number): Stall[] {
    const { atMs: fromMs, cpuMs } = this.#last;
    if (untilMs - fromMs - stallSampleMs < stallDelayMs) return [];
    return [{ fromMs, untilMs, cpuMs: this.#cpuMs() - cpuMs }];
  }
}

export const cpuOfProcess = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** Serves `GET /stalls?sinceMs=…` with the stalls of all sources. */
export function stallRoute(app: FastifyInstance, ...sources: readonly StallSource[]): void {
  const querystring = Type.Object({
    sinceMs: Type.Optional(
      Type.String({ pattern: '^\\d{1,15}(\\.\\d+)?$', description: 'Only stalls that end after this time.' }),
    ),
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
