import { resolve } from 'node:path';
import { escapePointer, segmentsOf } from '#kit/pointer.ts';
import { InvalidError, type Problem, parser } from '#kit/schema.ts';
import { crossCheck, isName, nameExpected, type Sound } from './cross-check.ts';
import { Experiment } from './schema.ts';
import type { LocatedProblem } from './source.ts';

const parse = parser(Experiment);
let parseSound: ((value: unknown) => Sound) | undefined;

const variantsMax = 40;

/** Checks a value as an experiment; files that it names are looked for in `folder`. */
export function check(value: unknown, folder: string): Experiment | LocatedProblem[] {
  if (!isRecord(value)) {
    const got = value === null ? 'nothing' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
    return [{ pointer: '', message: `expected fields: title, deadlineMs, load, variants …, got ${got}` }];
  }
  const { variants } = value;
  const names = Object.keys(record(variants));
  const problems = [...schemaProblems(value), ...variantProblems(variants)];
  // What the schema refuses must not hide what is wrong elsewhere.
  parseSound ??= parser({ ...Experiment, required: [] }) as (value: unknown) => Sound;
  const sound = problems.length === 0 ? parse(value) : parseSound(withoutParts(value, problems));
  const experiment = inFolder(sound, folder);
  problems.push(...crossCheck(experiment, names));
  return problems.length > 0 ? problems : (experiment as Experiment);
}

function schemaProblems(value: unknown): LocatedProblem[] {
  try {
    parse(value);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    // A problem with an unknown field is at its name, not at its value.
    return error.problems.map((problem) => ({
      ...problem,
      onKey: problem.message.startsWith('unknown field'),
    }));
  }
}

function variantProblems(variants: unknown): LocatedProblem[] {
  if (!isRecord(variants)) return []; // which the schema says
  const names = Object.keys(variants);
  const problems: LocatedProblem[] = names
    .filter((name) => !isName(name))
    .map((name) => ({ pointer: `/variants/${escapePointer(name)}`, message: nameExpected, onKey: true }));
  if (names.length < 1 || names.length > variantsMax)
    problems.push({
      pointer: '/variants',
      message: `expected 1 to ${variantsMax} variants, got ${names.length}`,
    });
  return problems;
}

/** A copy without the fields, and without the variants, in which there are problems. */
function withoutParts(value: unknown, problems: readonly Problem[]): unknown {
  const copy = record(value);
  const variants = record(copy.variants);
  if ('variants' in copy) copy.variants = variants;
  for (const [field, variant] of problems.map(({ pointer }) => segmentsOf(pointer))) {
    if (field === 'variants' && variant !== undefined) delete variants[variant];
    else if (field !== undefined) delete copy[field];
  }
  return copy;
}

/** Resolves the files that an experiment names, which stand beside its own. */
function inFolder(experiment: Sound, folder: string): Sound {
  if (!experiment.load) return experiment;
  const load = experiment.load.map((phase) => {
    const { arrivals } = phase;
    if (arrivals.kind !== 'replay' || arrivals.file === undefined) return phase;
    return { ...phase, arrivals: { ...arrivals, file: resolve(folder, arrivals.file) } };
  });
  return { ...experiment, load };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? { ...value } : {});
