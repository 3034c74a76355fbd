import { resolve } from 'node:path';
import { nearest } from '#kit/schema/nearest.ts';
import { escapePointer, segmentsOf } from '#kit/schema/problems.ts';
import { isName, isRecord, nameExpected } from '#kit/schema/schema.ts';
import { crossCheck } from './checks/checks.ts';
import type { LocatedProblem } from './file/source.ts';
import { Experiment, type ValidParts, validPartsOf } from './schema.ts';
import { slowMotionProblems } from './slow-motion.ts';

const variantsMax = 40;

/** Fields that the command line replaces. */
export type Instead = Partial<Pick<Experiment, 'seed' | 'repeat' | 'slowMotion'>>;

/** Checks a value as an experiment, with replaced fields; paths in it are relative to `folder`. */
export function check(read: unknown, folder: string, instead: Instead = {}): Experiment | LocatedProblem[] {
  if (!isRecord(read)) {
    const got = read === null ? 'nothing' : Array.isArray(read) ? 'a list' : `a ${typeof read}`;
    return [{ pointer: '', message: `expected fields: title, deadlineMs, load, variants …, got ${got}` }];
  }
  const written = validPartsOf(oneLiners(read));
  const { respelt, meant } = respell(read, written.unknown);
  const value = oneLiners(respelt);
  const { sound } = meant.size > 0 ? validPartsOf(value) : written;
  const { variants } = value;
  const named = { variants: Object.keys(record(variants)), faults: faultNamesIn(value) };
  // A problem with an unknown field is at its name, not at its value.
  const problems: LocatedProblem[] = written.problems.map((each) => ({
    pointer: each.pointer,
    onKey: written.unknown.has(each.pointer),
    get message() {
      return each.message; // made when it is read
    },
  }));
  const experiment = { ...inFolder(withoutExcess(sound), folder), ...instead };
  const others = [...variantProblems(variants), ...crossCheck(experiment, named)];
  problems.push(...others.filter(({ pointer }) => !meant.has(segmentsOf(pointer)[0] ?? '')));
  if (problems.length > 0) return problems;
  const tooSlow = slowMotionProblems(experiment as Experiment);
  return tooSlow.length > 0 ? tooSlow : (experiment as Experiment);
}

/** Unknown fields that are compared with the known ones, which takes time. */
const respeltMax = 50;

/**
 * Gives unknown fields the names of the missing ones that they probably mean. So the other fields are checked as if these were
 * not missing: a hypothesis may name a variant below `variant:`.
 */
function respell(read: Readonly<Fields>, unknown: ReadonlySet<string>) {
  const isUnknown = (name: string) => unknown.has(`/${escapePointer(name)}`);
  const respelt: Fields = Object.fromEntries(Object.entries(read).filter(([name]) => !isUnknown(name)));
  const meant = new Set<string>();
  for (const name of Object.keys(read).filter(isUnknown).slice(0, respeltMax)) {
    const known = nearest(name, Object.keys(Experiment.properties));
    if (known === undefined || known in respelt) continue;
    respelt[known] = read[name];
    meant.add(known);
  }
  return { respelt, meant };
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

/** Drops variants beyond the limit, whose checks would take long. */
function withoutExcess(sound: ValidParts): ValidParts {
  const variants = Object.entries(sound.variants ?? {});
  return variants.length > variantsMax
    ? { ...sound, variants: Object.fromEntries(variants.slice(0, variantsMax)) }
    : sound;
}

/** Resolves paths in an experiment, which are relative to its file. */
function inFolder(experiment: ValidParts, folder: string): ValidParts {
  if (!experiment.load) return experiment;
  const load = experiment.load.map((phase) => {
    const arrivals = phase?.arrivals;
    if (arrivals?.kind !== 'replay' || arrivals.file === undefined) return phase;
    return { ...phase, arrivals: { ...arrivals, file: resolve(folder, arrivals.file) } };
  });
  return { ...experiment, load };
}

/** Returns the names of all faults, even invalid ones. */
const faultNamesIn = ({ faults }: Record<string, unknown>): string[] => {
  const names = (Array.isArray(faults) ? faults : []).map((fault) => record(fault).name);
  return [...new Set(names.filter((name) => typeof name === 'string'))];
};

const record = (value: unknown): Record<string, unknown> => (isRecord(value) ? { ...value } : {});

type Fields = Record<string, unknown>;

/** Characters that would break a line or its columns. */
const breaking = /[\t\n\u0085\u2028\u2029]/;

const onOneLine = (value: unknown): unknown =>
  typeof value === 'string' && breaking.test(value) ? value.replaceAll(/[\s\u0085]+/g, ' ').trim() : value;

const mapFields = (value: unknown, change: (value: unknown, name: string) => unknown): unknown =>
  isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, change(each, name)]))
    : value;

/**
 * Returns an experiment as read, with each text on one line that is shown on one: title, hypotheses, steady state and
 * descriptions of variants. Folded and quoted texts of YAML may have line breaks.
 */
export const oneLiners = (experiment: Readonly<Fields>): Fields =>
  mapFields(experiment, (value, name) => {
    if (name === 'title') return onOneLine(value);
    if (name === 'hypothesis' || name === 'steadyState')
      return Array.isArray(value) ? value.map(onOneLine) : value;
    return name !== 'variants'
      ? value
      : mapFields(value, (variant) =>
          mapFields(variant, (each, field) => (field === 'description' ? onOneLine(each) : each)),
        );
  }) as Fields;
