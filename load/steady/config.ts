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
  seed: Seed('Decides the arrivals; each round has others.'),
  deadlineMs: positive(
    3_600_000,
    'From due time to the news of the effect; what takes longer is late.',
    2000,
  ),
  patienceMs: number(
    1000,
    3_600_000,
    'What has not ended so long after its due time is counted as it stands then.',
    30_000,
  ),
  connections: integer(
    1,
    16_384,
    'On each path, and so the most requests under way at once; what is due beyond that is unsent.',
    256,
  ),
  phases: Type.Array(Phase, {
    default: [quiet, busy, bursts],
    minItems: 1,
    maxItems: 100,
    description: 'Phases, run one after another, again and again.',
  }),
});
export type SteadyConfig = Static<typeof SteadyConfig>;
