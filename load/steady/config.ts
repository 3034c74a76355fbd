import { type Static, Type } from 'typebox';
import { Seed, strict } from '#kit/schema/schema.ts';
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

/** What the steady load offers to both paths. */
export const SteadyConfig = strict({
  seed: Seed('Decides the arrivals; each round has others.'),
  deadlineMs: Type.Number({
    default: 2000,
    exclusiveMinimum: 0,
    maximum: 3_600_000,
    description: 'From due time to the news of the effect; what takes longer is late.',
  }),
  patienceMs: Type.Number({
    default: 30_000,
    minimum: 1000,
    maximum: 3_600_000,
    description: 'What has not ended so long after its due time is counted as it stands then.',
  }),
  connections: Type.Integer({
    default: 256,
    minimum: 1,
    maximum: 16_384,
    description:
      'On each path, and so the most requests under way at once; what is due beyond that is unsent.',
  }),
  phases: Type.Array(Phase, {
    default: [quiet, busy, bursts],
    minItems: 1,
    maxItems: 100,
    description: 'Phases, run one after another, again and again.',
  }),
});
export type SteadyConfig = Static<typeof SteadyConfig>;
