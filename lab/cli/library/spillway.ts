import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { checker } from '#kit/schema/parser.ts';
import { refuse } from '#kit/schema/problems.ts';
import { seedMax, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { conduct } from '#lab/conduct/conduct.ts';
import { readRun } from '#lab/evidence/read-run.ts';
import { insteadOf } from '#lab/experiment/check.ts';
import { type ExperimentFile, readSource, textOf } from '#lab/experiment/read.ts';
import { analyse as analyseEvidence } from '#lab/judge/analyse.ts';
import { askedOf } from '#lab/judge/asked.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { withSimulations } from '#lab/judge/simulations.ts';
import { commandLine, flagsOf } from '#lab/world/process/command-line.ts';
import { temporaryFolder } from '#lab/world/process/temporary-folder.ts';
import { unsimulated } from '#lab/world/simulated/unsimulated.ts';
import { simulated } from '#lab/world/simulated/world.ts';
import type { SimulateOptions } from './declared.d.ts';

// This is the export `spillway`, with the types and comments of `declared.d.ts`.

const text = Type.String({ minLength: 1 });

const simulateProblems = checker(
  strict({
    experiment: Type.Unsafe({ type: ['string', 'object'] }),
    options: strict({
      seed: Type.Optional(Type.Integer({ minimum: 0, maximum: seedMax })),
      repeat: Type.Optional(Type.Integer({ minimum: 1 })),
      only: Type.Optional(Type.Array(text)),
      folder: Type.Optional(text),
      signal: Type.Optional(Type.Unknown()),
    }),
  }),
);
const analyseProblems = checker(
  strict({ folder: text, options: strict({ experiment: Type.Optional(text) }) }),
);

/** Rejects with ExperimentError if the experiment is invalid, and with InvalidError for other arguments. */
export async function simulate(experiment: string | object, options: SimulateOptions = {}): Promise<Result> {
  refuse(simulateProblems({ experiment, options }));
  const file = read(experiment, options);
  const temporary = temporaryFolder('spillway-');
  try {
    const folder = options.folder ?? join(temporary, 'run');
    mkdirSync(folder, { recursive: true });
    const { signal = new AbortController().signal } = options;
    const { result } = await conduct({
      ...{ file, folder, signal, world: simulated() },
      commandOf: ({ seed }) => commandLine(['simulate', file.file, ...flagsOf({ seed })]),
      output: async () => undefined,
      onProgress: () => undefined,
    });
    return result;
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

/** Reads and checks an experiment. Recordings of one without a file are relative to the working folder. */
function read(experiment: string | object, options: SimulateOptions): ExperimentFile {
  const text =
    typeof experiment === 'string'
      ? textOf(experiment)
      : { name: 'experiment', file: 'experiment', source: stringify(experiment) };
  const instead = insteadOf({ ...options, slowMotion: 1 });
  return readSource(text, { instead, only: options.only, unsuited: unsimulated }).file;
}

/** Rejects with EvidenceError or ExperimentError, and with InvalidError for other arguments. */
export async function analyse(
  folder: string,
  options: { readonly experiment?: string } = {},
): Promise<Result> {
  refuse(analyseProblems({ folder, options }));
  const { experiment } = options;
  const evidence = await readRun(folder);
  return withSimulations(await analyseEvidence(askedOf(evidence, experiment), evidence), evidence);
}
