import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Static } from 'typebox';
import { checker } from '#kit/schema/parser.ts';
import { mapOf, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { type Final, list, nullable, number, object, text } from '#lab/experiment/schema-helpers.ts';
import { EvidenceError } from './evidence-error.ts';
import { evidenceVersion } from './format.ts';
import { readVersion } from './format-version.ts';

/** Time that each hop adds to a call, in ms of the experiment's own time. */
export const Overhead = object({
  gatewayMs: Type.Optional(number('From the generator to the gateway and back; only on the path `rpc`.')),
  publishMs: Type.Optional(number('From the generator to the stream and back; only on the path `event`.')),
  deliverMs: Type.Optional(number('From the stream to the consumer and back; only on the path `event`.')),
  downstreamMs: number('From the gateway or the consumer to downstream and back.'),
});
export type Overhead = Final<Static<typeof Overhead>>;

const simulationsFile = 'simulations.json';

const Values = list(
  nullable(mapOf(nullable(number())), 'Values of one seed by metric; null if the simulation ended early.'),
);

/** Simulations of a run's experiment, conducted after the run. Analysis compares them with the measurement. */
export const SimulationEvidence = strict({
  version: Type.Literal(evidenceVersion, { description: 'Version of the format.' }),
  deadlineMs: number('Deadline of the experiment.'),
  seeds: list(number(), 'Simulated seeds.'),
  reason: Type.Optional(text('Why nothing was simulated.')),
  acquitted: Type.Optional(
    list(text(), 'Hypotheses whose verdict simulations with the stalls of the run did not change.'),
  ),
  variants: list(
    strict({
      name: text('Name of the variant.'),
      reason: Type.Optional(text('In evidence of earlier versions. Ignored.')),
      overhead: nullable(Overhead, 'Overhead that was simulated; null if it is unknown.'),
      ideal: { ...Values, description: 'Values by seed, without overhead.' },
      withOverhead: { ...Values, description: 'Values by seed, with the overhead.' },
    }),
  ),
});
export type SimulationEvidence = Static<typeof SimulationEvidence>;

/** Throws like `writeFileSync`. */
export const writeSimulations = (folder: string, evidence: SimulationEvidence): void =>
  writeFileSync(join(folder, simulationsFile), `${JSON.stringify(evidence)}\n`);

const problemsIn = checker(SimulationEvidence);

/** Undefined if the run has none. Throws EvidenceError. */
export function readSimulations(folder: string): SimulationEvidence | undefined {
  const file = join(folder, simulationsFile);
  if (!existsSync(file)) return undefined;
  const value = readVersion(file, 'simulations', evidenceVersion);
  const [problem] = problemsIn(value);
  if (problem) throw new EvidenceError(`${problem.pointer}: ${problem.message}`, { file });
  return value as SimulationEvidence;
}
