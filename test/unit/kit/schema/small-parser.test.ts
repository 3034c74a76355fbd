import { fc, test as property } from '@fast-check/vitest';
import type { TSchema } from 'typebox';
import { describe, expect, test } from 'vitest';
import { parser } from '#kit/schema/parser.ts';
import { InvalidError } from '#kit/schema/problems.ts';
import { ClassName, strict } from '#kit/schema/schema.ts';
import { parseSmall } from '#kit/schema/small-parser.ts';
import { BreakerOptions } from '#policies/breaker.ts';
import { BudgetOptions } from '#policies/budget.ts';
import { BulkheadOptions } from '#policies/bulkhead.ts';
import { DeadlineOptions } from '#policies/deadline.ts';
import { RetryOptions } from '#policies/retry.ts';
import { TimeoutOptions } from '#policies/timeout.ts';
import { problemsOf } from '#test/support/problems.ts';

const schemas: Readonly<Record<string, TSchema>> = {
  BreakerOptions,
  BudgetOptions,
  BulkheadOptions,
  DeadlineOptions,
  RetryOptions,
  TimeoutOptions,
};

const number = fc.oneof(fc.integer({ min: -1, max: 30 }), fc.double({ min: 0, max: 1, noNaN: true }));
const scalar = fc.oneof(
  number,
  fc.constantFrom(true, null, 'none', 'full', 'exponential', 'count', 'aws', 1e9),
);
const kind = fc.constantFrom(
  'constant',
  'exponential',
  'count',
  'time',
  'trial',
  'none',
  'finagle',
  'grpc',
  'x',
);

interface Fields {
  readonly properties?: Readonly<Record<string, Fields>>;
  readonly oneOf?: readonly Fields[];
}

/** Options that are often valid: most fields are those of the schema or of one of its members. */
function optionsOf({ properties, oneOf }: Fields): fc.Arbitrary<unknown> {
  if (oneOf) return fc.oneof(...oneOf.map(optionsOf));
  if (!properties) return scalar;
  const fields = Object.entries(properties).map(([name, field]) => [
    name,
    name === 'kind' ? kind : optionsOf(field),
  ]);
  return fc.record({ ...Object.fromEntries(fields), unknown: fc.constant(1) }, { requiredKeys: [] });
}

/** The parsed value, or the pointers of its problems. Of a value with several problems, `parseSmall` reports the first. */
function outcome(parse: () => unknown) {
  try {
    return { value: parse() };
  } catch (error) {
    if (!(error instanceof InvalidError)) throw error;
    return { refused: new Set(error.problems.map(({ pointer }) => pointer)) };
  }
}

describe('parseSmall', () => {
  for (const [name, schema] of Object.entries(schemas)) {
    const byAjv = parser(schema);
    property.prop([optionsOf(schema as Fields)], { numRuns: 250 })(`parses ${name} like Ajv`, (given) => {
      expect(outcome(() => parseSmall(schema, given))).toEqual(outcome(() => byAjv(given)));
    });
  }

  test('adds the defaults of nested options', () => {
    expect(parseSmall(RetryOptions, {})).toEqual(parser(RetryOptions)({}));
  });

  test.each([
    [RetryOptions, { maxRetries: 1.5, maxRetry: 1, backoff: { kind: 'constant', jitter: 'some' } }],
    [TimeoutOptions, {}],
    [TimeoutOptions, { ms: 0.5 }],
    [TimeoutOptions, null],
    [BudgetOptions, { kind: 'token' }],
    [strict({ class: ClassName('') }), { class: 7 }],
    [strict({ class: ClassName('') }), { class: 'Gold' }],
    [BudgetOptions, { knd: 'aws' }],
  ])('refuses %o with %o like Ajv', (schema: TSchema, value: unknown) => {
    const [own, other] = [parseSmall, (of: TSchema, given: unknown) => parser(of)(given)].map((parse) =>
      problemsOf(() => parse(schema, value)),
    );
    expect(own).not.toEqual([]);
    expect(new Set(own)).toEqual(new Set(other));
  });
});
