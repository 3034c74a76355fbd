import { Type } from '#kit/schema/type.ts';
import { modelKind } from './model.ts';

/**
 * A queue with c servers. An attempt begins when the first server is free (Kiefer and Wolfowitz 1955), and takes
 * −serviceMs·ln(1 − U), or exactly serviceMs. With Poisson arrivals and exponential service the mean wait is Erlang C's.
 */
export const queue = modelKind({
  description: 'Servers behind a first-come, first-served queue: work waits and is never abandoned.',
  fields: {
    servers: Type.Integer({
      default: 1,
      minimum: 1,
      maximum: 1000,
      description: 'Attempts served at once.',
    }),
    serviceMs: Type.Number({
      default: 10,
      exclusiveMinimum: 0,
      maximum: 3_600_000,
      description: 'Mean service time of an attempt.',
    }),
    service: Type.Enum(['exponential', 'constant'], {
      default: 'exponential',
      description: 'Distribution of the service time: exponential as in M/M/c, or constant.',
    }),
    waitingMax: Type.Integer({
      default: 1_000_000,
      minimum: 0,
      maximum: 1_000_000,
      description: 'Attempts that may wait; others fail at once.',
    }),
    failureRatio: Type.Number({ default: 0, minimum: 0, maximum: 1 }),
  },
  create({ servers, serviceMs, service, waitingMax, failureRatio }, clock) {
    /** Time at which each server is free, rising. */
    const freeAtMs = new Array<number>(servers).fill(Number.NEGATIVE_INFINITY);
    return (inFlight, draw) => {
      if (inFlight > servers + waitingMax) return { latencyMs: 0, failed: true };
      const nowMs = clock.now();
      const beginsAtMs = Math.max(nowMs, freeAtMs.shift()!);
      const endsAtMs = beginsAtMs + serviceMs * (service === 'constant' ? 1 : -Math.log(1 - draw('latency')));
      const index = freeAtMs.findIndex((free) => free > endsAtMs);
      freeAtMs.splice(index < 0 ? servers - 1 : index, 0, endsAtMs);
      return { latencyMs: endsAtMs - nowMs, failed: failureRatio > 0 && draw('failure') < failureRatio };
    };
  },
});
