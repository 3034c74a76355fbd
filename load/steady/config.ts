import type { Static } from 'typebox';
import { integer, number, positive, Seed, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { Phase } from '#load/phases.ts';

const quiet: Phase = { name: 'quiet', arrivals: { kind: 'poisson', ratePerSecond: 10, forMs: 60_000 } };
const busy: Phase = {
  name: 'busy',
  arrivals: { kind: 'sine', meanPerSecond: 30, amplitudePerSecond: 20, periodMs: 30_000, forMs: 60_000 },
};
const bursts: Phase = {
  name: 'bursts',
  arrivals: { kind: 'bursts', total: 240, size: 40, everyMs: 5000, spreadMs: 200 },
};

export const SteadyConfig = strict({
  seed: Seed('Determines the arrivals, which differ in each round.'),
  deadlineMs: positive(
    3_600_000,
    'From the scheduled time to the reported completion; longer is late.',
    2000,
  ),
  patienceMs: number(
    1000,
    3_600_000,
    'A request that has not ended this long after its scheduled time counts by its state then.',
    30_000,
  ),
  connections: integer(
    1,
    16_384,
    'On each path, and so the most requests in flight; a scheduled request beyond that is unsent.',
    256,
  ),
  phases: Type.Array(Phase, {
    default: [quiet, busy, bursts],
    minItems: 1,
    maxItems: 100,
    description: 'Phases, run one after another in a loop.',
  }),
});
export type SteadyConfig = Static<typeof SteadyConfig>;
