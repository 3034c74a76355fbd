import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import type { Clock, Timer } from './clock.ts';
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

export interface StallSource {
  /** Returns the stalls that ended after `fromMs`, oldest first, and the current stall if there is one. */
  since(fromMs: number): Stalled;
}

export const stallSampleMs = 20;
/** Shortest delay of the timer that is recorded. */
export const stallDelayMs = 30;
/** Length from which each stall is recorded. A stall of 50 ms delays a timer of 20 ms by at least 30 ms. */
export const recordedStallMs = stallSampleMs + stallDelayMs;
const keptMax = 10_000;

/**
 * Calls `sample` every 20 ms. `stallUntil` returns the current stall if there is one, which lasts until now. `sample`
 * records it by `record` when it has ended.
 */
export function stallSampler(
  clock: Clock,
  stallUntil: (nowMs: number) => Stall[],
  sample: (nowMs: number, record: (nowMs: number) => void) => void,
): StallSource & { stop(): void } {
  const stalls: Stall[] = [];
  let forgottenUntilMs = Number.NEGATIVE_INFINITY;
  const record = (nowMs: number) => {
    stalls.push(...stallUntil(nowMs));
    while (stalls.length > keptMax) forgottenUntilMs = stalls.shift()!.untilMs;
  };
  const next = (): Timer =>
    clock.after(stallSampleMs, () => {
      sample(clock.now(), record);
      timer = next();
    });
  let timer = next();
  return {
    since(fromMs) {
      const all = [...stalls, ...stallUntil(clock.now())];
      return {
        stalls: all.filter(({ untilMs }) => untilMs > fromMs),
        complete: forgottenUntilMs <= fromMs,
      };
    },
    stop: () => clock.cancel(timer),
  };
}

/** Samples the event loop. `observe` receives the delay of each sample. `cpuMs` returns the CPU time used so far. */
export function sampleEventLoop(
  clock: Clock,
  observe: (delayMs: number) => void = () => undefined,
  cpuMs: () => number = cpuOfProcess,
) {
  let last = { atMs: clock.now(), cpuMs: cpuMs() };
  // A stall begins at the last sample, since the process may have stopped right after it.
  const stallUntil = (untilMs: number): Stall[] =>
    untilMs - last.atMs - stallSampleMs < stallDelayMs
      ? []
      : [{ fromMs: last.atMs, untilMs, cpuMs: cpuMs() - last.cpuMs }];
  return stallSampler(clock, stallUntil, (nowMs, record) => {
    observe(Math.max(0, nowMs - last.atMs - stallSampleMs));
    record(nowMs);
    last = { atMs: nowMs, cpuMs: cpuMs() };
  });
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
