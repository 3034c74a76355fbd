import { isRecord } from '#kit/schema/schema.ts';

type Change = (value: unknown) => unknown;

/** Characters that would break a line or its columns. */
const breaking = /[\t\n\u0085\u2028\u2029]/;
const space = /[\s\u0085]+/g;

const onOneLine: Change = (value) =>
  typeof value === 'string' && breaking.test(value) ? value.replaceAll(space, ' ').trim() : value;

const each =
  (change: Change): Change =>
  (value) =>
    Array.isArray(value) ? value.map(change) : value;

const eachField =
  (changeOf: (name: string) => Change | undefined): Change =>
  (value) =>
    isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, changeOf(name)?.(one) ?? one]))
      : value;

const only = (field: string): Change => eachField((name) => (name === field ? onOneLine : undefined));

const changes: ReadonlyMap<string, Change> = new Map([
  ['title', onOneLine],
  ['hypothesis', each(onOneLine)],
  ['steadyState', each(onOneLine)],
  ['variants', eachField(() => only('description'))],
]);

/**
 * Returns an experiment as read, with each text on one line that is shown on one: title, hypotheses, steady state and
 * descriptions of variants. Folded and quoted texts of YAML may have line breaks.
 */
export const oneLiners = eachField((name) => changes.get(name)) as (
  experiment: Readonly<Record<string, unknown>>,
) => Record<string, unknown>;
