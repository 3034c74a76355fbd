import { documented, number } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { arrival, limits } from './arrival.ts';

/** Recorded times, which may be in any order. */
export const replay = arrival({
  options: documented('Arrivals recorded elsewhere.', {
    atMs: Type.Array(number({ from: 0, to: limits.durationMs }), {
      minItems: 1,
      maxItems: 100_000,
      description: 'Scheduled times after the start of the phase.',
    }),
    stretch: number(
      { above: 0, to: 1000, default: 1 },
      'Factor of all times: 2 replays them at half their speed.',
    ),
  }),
  plan({ atMs, stretch }) {
    const scheduledAtMs = Float64Array.from(atMs, (ms) => ms * stretch).sort();
    return { durationMs: scheduledAtMs.at(-1)!, count: scheduledAtMs.length, scheduledAtMs };
  },
});
