import type { Static } from 'typebox';
import { parser, type ValidParts } from '#kit/schema/parser.ts';
import { type Problem, within } from '#kit/schema/problems.ts';
import { flag, integer, namePattern, number, Seed, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { httpUrls } from '#kit/urls.ts';
import { paths } from '#kit/wire.ts';
import { checkLoad, durationMs, Phase, planned } from '#load/phases.ts';

const Lane = strict({
  name: Type.String({ pattern: namePattern, description: 'Value of the label `lane`.' }),
  path: Type.Enum(paths),
  url: Type.String({ pattern: httpUrls, description: 'Traffic port of the gateway or publisher.' }),
  faults: Type.Optional(
    Type.String({ pattern: httpUrls, description: 'Control port of the dependency, for the faults.' }),
  ),
});
/** Way through a testbed. All lanes get the same load. */
export type Lane = Static<typeof Lane>;

export const parseLanes = parser(Type.Array(Lane, { minItems: 1, maxItems: 10 }));

const Fault = strict({
  name: Type.String({ pattern: namePattern }),
  atMs: number({ from: 0, to: 86_400_000 }, 'Start, after the start of a round.'),
  forMs: number({ above: 0, to: 86_400_000 }, 'Lease, after which the dependency ends the fault.'),
  fault: Type.Object(
    { kind: Type.String(), ids: Type.Optional(Type.Array(Type.String({ pattern: '^r\\d+$' }))) },
    { description: 'Kind and options. `ids` count from r0, the first request of the round.' },
  ),
});
export type RoundFault = Static<typeof Fault>;

export const SteadyConfig = strict({
  seed: Seed('Determines the arrivals, which differ in each round.'),
  deadlineMs: number(
    { above: 0, to: 3_600_000, default: 2000 },
    'From the scheduled time to the reported completion; longer is late.',
  ),
  patienceMs: number(
    { from: 1000, to: 3_600_000, default: 30_000 },
    'A request that has not ended this long after its scheduled time counts by its state then.',
  ),
  connections: integer(
    { from: 1, to: 16_384, default: 1024 },
    'In each lane, and so the most requests in flight; a scheduled request beyond that is unsent.',
  ),
  phases: Type.Array(Phase, {
    minItems: 1,
    maxItems: 100,
    description: 'Phases, run one after another in a loop.',
  }),
  faults: Type.Array(Fault, {
    default: [],
    maxItems: 20,
    description: 'Faults of each round, in the dependency of every lane.',
  }),
  paused: flag(
    { default: false },
    'Offers nothing. Setting this waits until no request, event or dead letter of the load is left.',
  ),
});
export type SteadyConfig = Static<typeof SteadyConfig>;

export const parseSteady = parser(SteadyConfig, problemsOf);

/** Returns problems that the schema can't detect. Without any request, `rounds` would loop forever. */
function problemsOf({ phases, faults = [], seed = 1 }: ValidParts<SteadyConfig>): Problem[] {
  if (!phases) return [];
  const problems = checkLoad(phases, seed);
  const known = phases.filter((phase) => phase !== undefined);
  if (problems.length > 0 || known.length < phases.length) return within('/phases', problems);
  if (planned(known, seed) === 0)
    return [{ pointer: '/phases', message: 'expected at least one request in all phases, got none' }];
  const roundMs = durationMs(known);
  return faults.flatMap((fault, index) => {
    if (!fault || fault.atMs + fault.forMs <= roundMs) return [];
    return [{ pointer: `/faults/${index}/forMs`, message: `expected the fault to end within ${roundMs} ms` }];
  });
}
