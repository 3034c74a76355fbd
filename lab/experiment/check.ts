import { resolve } from 'node:path';
import { escapePointer } from '#kit/schema/problems.ts';
import { isName, isRecord, nameExpected } from '#kit/schema/schema.ts';
import { crossCheck } from './checks/checks.ts';
import type { LocatedProblem } from './file/source.ts';
import { oneLiners } from './one-line.ts';
import type { Experiment } from './schema.ts';
import { slowMotionProblems } from './slow-motion.ts';
import { type ValidParts, validPartsOf } from './valid-parts.ts';

const variantsMax = 40;

/** What may be asked for instead of what the file says. */
export type Instead = Partial<Pick<Experiment, 'seed' | 'repeat' | 'slowMotion'>>;

/** Checks a value as an experiment, with what is asked for instead; files that it names are looked for in `folder`. */
export function check(read: unknown, folder: string, instead: Instead = {}): Experiment | LocatedProblem[] {
  if (!isRecord(read)) {
    const got = read === null ? 'nothing' : Array.isArray(read) ? 'a list' : `a ${typeof read}`;
    return [{ pointer: '', message: `expected fields: title, deadlineMs, load, variants …, got ${got}` }];
  }
  const value = oneLiners(read);
  const { variants } = value;
  const named = { variants: Object.keys(record(variants)), faults: faultNamesIn(value) };
  const { sound, problems: refused, unknown } = validPartsOf(value);
  // A problem with an unknown field is at its name, not at its value.
  const problems: LocatedProblem[] = refused.map((each) => ({
    pointer: each.pointer,
    onKey: unknown.has(each.pointer),
    get message() {
      return each.message; // made when it is read
    },
  }));
  problems.push(...variantProblems(variants));
  const experiment = { ...inFolder(withoutExcess(sound), folder), ...instead };
  problems.push(...crossCheck(experiment, named));
  if (problems.length > 0) return problems;
  const tooSlow = slowMotionProblems(experiment as Experiment);
  return tooSlow.length > 0 ? tooSlow : (experiment as Experiment);
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

/** With as many variants as there may be: more would be compared with each other in vain. */
function withoutExcess(sound: ValidParts): ValidParts {
  const variants = Object.entries(sound.variants ?? {});
  return variants.length > variantsMax
    ? { ...sound, variants: Object.fromEntries(variants.slice(0, variantsMax)) }
    : sound;
}

/** Resolves the files that an experiment names, which stand beside its own. */
function inFolder(experiment: ValidParts, folder: string): ValidParts {
  if (!experiment.load) return experiment;
  const load = experiment.load.map((phase) => {
    const arrivals = phase?.arrivals;
    if (arrivals?.kind !== 'replay' || arrivals.file === undefined) return phase;
    return { ...phase, arrivals: { ...arrivals, file: resolve(folder, arrivals.file) } };
  });
  return { ...experiment, load };
}

/** Also of those that are refused for something else. */
const faultNamesIn = ({ faults }: Record<string, unknown>): string[] => {
  const names = (Array.isArray(faults) ? faults : []).map((fault) => record(fault).name);
  return [...new Set(names.filter((name) => typeof name === 'string'))];
};

const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? { ...value } : {});
