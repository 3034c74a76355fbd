import { globSync, readFileSync } from 'node:fs';
import { fc, test as property } from '@fast-check/vitest';
import { Ajv, type ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { cloned } from '#kit/schema/checks.ts';
import { parser } from '#kit/schema/parser.ts';
import { type Problem, refuse } from '#kit/schema/problems.ts';
import { ClassName, strict } from '#kit/schema/schema.ts';
import { problemsOf } from '#kit/schema/schema-problems.ts';
import { Experiment } from '#lab/experiment/schema.ts';
import { Pipeline } from '#policies/pipeline.ts';
import { RetryOptions } from '#policies/retry.ts';
import { problemsOf as problemsIn } from '#test/support/problems.ts';

const ajv = new Ajv({
  ...{ allErrors: true, useDefaults: true, discriminator: true, strict: false, strictNumbers: true },
  ...{ verbose: true, validateSchema: false, meta: false },
  code: { optimize: false }, // takes longer than the tests
});

/** A parser as by Ajv. */
const byAjv = (schema: TSchema) => {
  const validate = ajv.compile(schema);
  return (value: unknown) => parsedBy(validate, value);
};

function parsedBy(validate: ValidateFunction, value: unknown) {
  const copy = cloned(value);
  const errors = validate(copy) ? [] : validate.errors!.filter(({ keyword }) => keyword !== 'if');
  refuse(problemsOf(errors as Parameters<typeof problemsOf>[0]));
  return copy;
}

/** The parsed value, or its problems. */
function outcome(parse: (value: unknown) => unknown, value: unknown) {
  let parsed: unknown;
  const problems: readonly Problem[] = problemsIn(() => {
    parsed = parse(value);
  });
  return { parsed, problems: problems.map((problem) => JSON.stringify(problem)).sort() };
}

const experiments = globSync('experiments/*.yaml').map((file) => parseYaml(readFileSync(file, 'utf8')));
const pipelines = experiments.flatMap(({ variants }) =>
  Object.values<{ policies?: unknown }>(variants).flatMap(({ policies }) => (policies ? [policies] : [])),
);

const wrong = fc.constantFrom(
  ...[
    undefined,
    null,
    true,
    -1,
    0.5,
    7,
    1e12,
    '',
    'x',
    'auto',
    'full',
    'a name',
    [],
    {},
    { kind: 'constant' },
  ],
);
const change = fc.record({ at: fc.array(fc.nat(7), { maxLength: 7 }), to: wrong, adds: fc.boolean() });

/** Replaces a value inside another one, or adds a field beside it. */
function changed(
  value: unknown,
  { at: [turn, ...at], to, adds }: { at: number[]; to: unknown; adds: boolean },
): unknown {
  if (turn === undefined || typeof value !== 'object' || value === null) return to;
  const names = Object.keys(value);
  const name = adds && at.length === 0 ? 'knd' : (names[turn % names.length] ?? 'more');
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  copy[name] = changed(copy[name], { at, to, adds });
  return copy;
}

const [experiment, pipeline] = [Experiment, Pipeline].map(
  (schema) => [parser(schema), byAjv(schema)] as const,
);

describe('parser', () => {
  property.prop([fc.constantFrom(...experiments), fc.array(change, { maxLength: 2 })], { numRuns: 300 })(
    'reads experiments, and reports their problems, like Ajv',
    (file, changes) => {
      const value = changes.reduce<unknown>(changed, file);
      expect(outcome(experiment![0], value)).toEqual(outcome(experiment![1], value));
    },
  );

  property.prop([fc.constantFrom(...pipelines), fc.array(change, { maxLength: 2 })], { numRuns: 300 })(
    'reads policies, and reports their problems, like Ajv',
    (policies, changes) => {
      const value = changes.reduce<unknown>(changed, policies);
      expect(outcome(pipeline![0], value)).toEqual(outcome(pipeline![1], value));
    },
  );

  test.each([
    [RetryOptions, { maxRetries: 1.5, maxRetry: 1, backoff: { kind: 'constant', jitter: 'some' } }],
    [strict({ class: ClassName('') }), { class: 7 }],
    [strict({ class: ClassName('') }), { class: 'Gold' }],
  ])('refuses %o with %o like Ajv', (schema: TSchema, value: unknown) => {
    const { problems } = outcome(parser(schema), value);
    expect(problems).not.toEqual([]);
    expect(problems).toEqual(outcome(byAjv(schema), value).problems);
  });
});
