import { readFileSync } from 'node:fs';
import { describe, expect, expectTypeOf, test } from 'vitest';
import { assetFile } from '#kit/process/installation.ts';
import { depending } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import * as library from '#lab/library/spillway.ts';
import type * as declaredNetproxy from '#lab/library/types/netproxy-test.d.ts';
import type * as options from '#lab/library/types/options.d.ts';
import type * as declaredPolicies from '#lab/library/types/policies.d.ts';
import type { Result as DeclaredResult } from '#lab/library/types/result.d.ts';
import type * as declaredLibrary from '#lab/library/types/spillway.d.ts';
import { declaration } from '#lab/library/typescript.ts';
import { typeFiles } from '#lab/library/write-types.ts';
import type { Result } from '#lab/result/result.ts';
import { startNetproxy } from '#netproxy/test-proxies.ts';
import type { BreakerOptions } from '#policies/breaker.ts';
import * as policies from '#policies/guard.ts';
import type { PolicyEvent } from '#policies/policy.ts';

describe('the types of the package', () => {
  test.each(Object.entries(typeFiles()))('%s is what the schemas say (npm run types)', (name, text) => {
    expect(readFileSync(assetFile(`lab/library/${name}`), 'utf8')).toBe(text);
  });

  // The compiler checks these. The values are compared only so that the test can't pass without them.
  test('fit what they declare', () => {
    const some: Pick<typeof declaredPolicies, 'retry' | 'breaker' | 'fromExperiment'> = policies;
    const { simulate, analyse }: typeof declaredLibrary = library;
    const started: typeof declaredNetproxy.startNetproxy = startNetproxy;
    expect(some).toBe(policies);
    expect({ simulate, analyse, started }).toEqual({ ...library, started: startNetproxy });
    expectTypeOf<Result>().toExtend<DeclaredResult>();
    expectTypeOf<DeclaredResult['status']>().toEqualTypeOf<Result['status']>();
    expectTypeOf<PolicyEvent>().toEqualTypeOf<declaredPolicies.PolicyEvent>();
    expectTypeOf<policies.BreakerOpen>().toExtend<declaredPolicies.BreakerOpen>();
    expectTypeOf<ReturnType<typeof policies.guard>>().toExtend<ReturnType<typeof declaredPolicies.guard>>();
    expectTypeOf<BreakerOptions>().toExtend<options.BreakerOptions>();
  });
});

describe('declaration', () => {
  test('has optional fields, lists, maps, choices and comments', () => {
    const schema = {
      type: 'object',
      description: 'A thing.',
      required: ['a', 'd'],
      properties: {
        a: { type: ['integer', 'null'], description: 'Number.' },
        b: { type: 'array', items: { enum: ['x', 'y'] } },
        'c-c': { type: 'object', additionalProperties: { type: 'number' }, default: {} },
        d: { oneOf: [{ const: 1 }, { type: 'object', properties: {} }] },
        f: { type: 'object', properties: {}, patternProperties: { '^\\w+\\(.+\\)$': { type: 'number' } } },
        e: { type: 'object', maxProperties: 1, properties: { x: { type: 'number' }, y: { type: 'string' } } },
      },
    };
    expect(declaration('Thing', schema)).toBe(`/** A thing. */
export type Thing = {
  /** Number. */
  readonly a: number | null;
  readonly b?: readonly ("x" | "y")[] | undefined;
  /** @default {} */
  readonly "c-c"?: Readonly<Record<string, number>> | undefined;
  readonly d: 1 | Readonly<Record<never, never>>;
  readonly f?: {
    readonly [name: \`\${string}(\${string})\`]: number | undefined;
  } | undefined;
  readonly e?: {
    readonly x: number;
  } | {
    readonly y: string;
  } | undefined;
};
`);
  });

  test('has a member for each group of a field that depends on another one', () => {
    const groups = [
      { of: ['a', 'b'], schema: Type.Number() },
      { of: ['c'], schema: Type.String() },
    ];
    expect(declaration('Fault', depending({ atMs: Type.Number() }, 'target', 'fault', groups))).toBe(
      `export type Fault = {
  readonly atMs: number;
  readonly target: "a" | "b";
  readonly fault: number;
} | {
  readonly atMs: number;
  readonly target: "c";
  readonly fault: string;
};
`,
    );
  });
});
