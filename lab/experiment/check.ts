import { isRecord } from '#kit/schema/schema.ts';
import { crossCheck, variantNameProblems } from './checks/checks.ts';
import type { LocatedProblem } from './file/source.ts';
import { slowMotionProblems } from './scaled.ts';
import { type Experiment, type ValidParts, validPartsOf } from './schema.ts';

/** Fields that the command line replaces, with their new values. */
export type Instead = Partial<Pick<Experiment, 'seed' | 'repeat' | 'slowMotion'>>;

export const insteadOf = ({
  seed,
  repeat,
  slowMotion,
}: { readonly [F in keyof Instead]: Instead[F] | undefined }): Instead =>
  Object.fromEntries(Object.entries({ seed, repeat, slowMotion }).filter(([, value]) => value !== undefined));

type Fields = Record<string, unknown>;

/** Returns a valid value as an experiment, or its problems. `instead` replaces fields. */
export function check(read: unknown, instead: Instead = {}): Experiment | LocatedProblem[] {
  if (!isRecord(read)) {
    const got = read === null ? 'nothing' : Array.isArray(read) ? 'a list' : `a ${typeof read}`;
    return [{ pointer: '', message: `expected fields: title, deadlineMs, load, variants …, got ${got}` }];
  }
  const value = onOneLine(read);
  const { problems, valid } = validPartsOf(value);
  const experiment: ValidParts = { ...valid, ...instead };
  const named = {
    variants: Object.keys(fieldsOf(value.variants)),
    faults: faultNamesIn(value.faults),
  };
  // A check would take the field that an unknown one means for missing.
  const isClear = problems.every(({ onKey }) => !onKey);
  const all = [
    ...problems,
    ...(isRecord(value.variants) ? variantNameProblems(named.variants) : []),
    ...(isClear ? crossCheck(experiment, named) : []),
  ];
  if (all.length > 0) return all;
  const last = slowMotionProblems(experiment as Experiment);
  return last.length > 0 ? last : (experiment as Experiment);
}

/** Returns the names of all faults, even invalid ones. */
function faultNamesIn(faults: unknown): string[] {
  const names = (Array.isArray(faults) ? faults : []).map((fault) => fieldsOf(fault).name);
  return [...new Set(names.filter((name) => typeof name === 'string'))];
}

const fieldsOf = (value: unknown): Fields => (isRecord(value) ? value : {});

/** Characters that would break a line or its columns. */
const breaking = /[\t\n\u0085\u2028\u2029]/;

/** Puts each text on one line, except the description and bodies. In YAML a text may have line breaks. */
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
