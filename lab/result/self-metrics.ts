import { Type } from 'typebox';
import { Percentiles } from './percentiles.ts';
import { flag, list, nullable, number, object, text } from './schema-helpers.ts';

/** How well a variant was measured: what the testbed itself did to it. */
export const Self = object({
  lag: Percentiles,
  /** Downstream's real sleep minus the modelled one. */
  sleepExcess: nullable(Percentiles),
  /**
   * How long an attempt took for its caller and how much sleep the model asked of it, in the mean; null where there was
   * none, or a caller that isn't Spillway's, missing in results from before.
   */
  attempt: Type.Optional(nullable(object({ meanMs: number, modelledMs: number }))),
  /**
   * Of the processes on the variant's path: event-loop delay (p99 within the variant), which is null for the generator,
   * whose lag says more, and CPU time used.
   */
  processes: list(
    object({
      name: text,
      loopDelayP99Ms: nullable(number),
      cpuMs: number,
      saturated: flag,
      /** It was killed: what it counted in its last moments is in none of the figures. */
      restarted: flag,
    }),
  ),
});
