import { describe, expect, test } from 'vitest';
import { view } from '#kit/schema/json-schema.ts';
import { depending } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { outcomes } from '#kit/wire.ts';
import { declaration, listing } from '#lab/build/reference/typescript.ts';
import { flag, list, nullable, number, object, text } from '#lab/experiment/schema-helpers.ts';

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

test('listing names parts, and has lists, maps, null and what may be missing', () => {
  const part = object({ fromMs: number() });
  const byOutcome = object(Object.fromEntries(outcomes.map((outcome) => [outcome, list(text())])));
  const schema = object({
    done: nullable(flag(), 'Null if unknown, see [span](#span).'),
    span: nullable(part),
    spans: list(part, 'All.'),
    errors: byOutcome,
    checks: Type.Optional(list(object({ name: text() }))),
  });
  const names = new Map<object, string>([
    [part.properties, 'Span'],
    [schema.properties, 'Whole'],
  ]);
  expect(listing(view(schema), names)).toBe(`\`\`\`ts
// Null if unknown, see span.
done: boolean | null
span: Span | null
// All.
spans: Span[]
errors: Record<string, string[]>
checks?: {
  name: string
}[]
\`\`\`
`);
});
