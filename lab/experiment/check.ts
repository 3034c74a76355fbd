import { escapePointer } from '#kit/schema/problems.ts';
import { isName, isRecord, nameExpected } from '#kit/schema/schema.ts';
import { crossCheck } from './checks/checks.ts';
import type { LocatedProblem } from './file/source.ts';
import { slowMotionProblems } from './scaled.ts';
import { type Experiment, type ValidParts, validPartsOf } from './schema.ts';

/** Fields that the command line replaces, with their new values. */
export type Instead = Partial<Pick<Experiment, 'seed' | 'repeat' | 'slowMotion'>>;

/** Returns the fields that options replace. Leaves out undefined ones. */
export const insteadOf = ({
  seed,
  repeat,
  slowMotion,
}: { readonly [F in keyof Instead]: Instead[F] | undefined }): Instead =>
  Object.fromEntries(Object.entries({ seed, repeat, slowMotion }).filter(([, value]) => value !== undefined));

type Fields = Record<string, unknown>;

const variantsMax = 40;

/** Returns a valid value as an experiment, or its problems. `instead` replaces fields. */
export function check(read: unknown, instead: Instead = {}): Experiment | LocatedProblem[] {
  if (!isRecord(read)) {
    const got = read === null ? 'nothing' : Array.isArray(read) ? 'a list' : `a ${typeof read}`;
    return [{ pointer: '', message: `expected fields: title, deadlineMs, load, variants …, got ${got}` }];
  }
  const value = onOneLine(read);
  const { problems, valid } = validPartsOf(value);
  const variants = Object.keys(fieldsOf(value.variants));
  const experiment: ValidParts = {
    ...valid,
    ...(valid.variants && { variants: firstOf(valid.variants, variants) }),
    ...instead,
  };
  const all: LocatedProblem[] = [
    ...problems,
    ...variantProblems(value.variants),
    // A check would take the field that an unknown one means for missing.
    ...(problems.some(({ onKey }) => onKey)
      ? []
      : crossCheck(experiment, { variants, faults: faultNamesIn(value.faults) })),
  ];
  if (all.length > 0) return all;
  const last = slowMotionProblems(experiment as Experiment);
  return last.length > 0 ? last : (experiment as Experiment);
}

function variantProblems(variants: unknown): LocatedProblem[] {
  if (!isRecord(variants)) return []; // the schema reports it
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

/**
 * Returns the variants of the first `names`, up to the limit, since checking more would take long. Invalid variants are
 * undefined.
 */
function firstOf(variants: NonNullable<ValidParts['variants']>, names: readonly string[]) {
  const valid = new Map(Object.entries(variants));
  return Object.fromEntries(names.slice(0, variantsMax).map((name) => [name, valid.get(name)]));
}

/** Returns the names of all faults, even invalid ones. */
function faultNamesIn(faults: unknown): string[] {
  const names = (Array.isArray(faults) ? faults : []).map((fault) => fieldsOf(fault).name);
  return [...new Set(names.filter((name) => typeof name === 'string'))];
}

const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {});

/** Characters that would break a line or its columns. */
const breaking = /[\t\n\u0085\u2028\u2029]/;

/**
 * Returns an experiment with each text on one line, except the description and bodies. Folded and quoted texts in YAML may contain
 * line breaks.
 */
export const onOneLine = (experiment: Readonly<Fields>): Fields => ({
  ...(joined(experiment) as Fields),
  ...('description' in experiment && { description: experiment.description }),
});

function joined(value: unknown): unknown {
  if (typeof value === 'string')
    return breaking.test(value) ? value.replaceAll(/[\s\u0085]+/g, ' ').trim() : value;
  if (Array.isArray(value)) return value.map(joined);
  if (!isRecord(value)) return value;
  // The body of a request is sent as it is written.
  const isBody = (name: string, each: unknown) => name === 'body' && typeof each === 'string';
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [name, isBody(name, each) ? each : joined(each)]),
  );
}
