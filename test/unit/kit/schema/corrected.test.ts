import { expect, test } from 'vitest';
import { corrected } from '#kit/schema/corrected.ts';
import { finder } from '#kit/schema/parser.ts';
import { mapOf, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';

const shape = tagged('kind', {
  circle: strict({ radius: Type.Number() }),
  square: strict({ width: Type.Number(), colour: Type.Optional(Type.Enum(['green', 'black'])) }),
});
const find = finder(strict({ shapes: Type.Array(shape), names: Type.Optional(mapOf(Type.String())) }));

function check(value: unknown) {
  const { problems, ...rest } = corrected(value, find);
  return { ...rest, problems: problems.map(({ pointer, message }) => `${pointer}: ${message}`) };
}

test('corrected returns a valid value as it is', () => {
  const value = { shapes: [{ kind: 'circle', radius: 1 }] };
  expect(corrected(value, find)).toMatchObject({ value, problems: [], unknown: new Set() });
});

test('corrected finds problems below misspelt fields and words, with pointers into the given value', () => {
  const value = { shaps: [{ kind: 'sqare', widht: 'x', colour: 'geen' }] };
  const before = structuredClone(value);
  const { problems, unknown, original, ...rest } = check(value);
  expect(problems).toEqual([
    '/shaps: unknown field, did you mean shapes?',
    '/shaps/0/kind: unknown kind "sqare", did you mean square?',
    '/shaps/0/widht: unknown field, did you mean width?',
    '/shaps/0/colour: unknown value "geen", did you mean green?',
    '/shaps/0/widht: expected number, got "x"',
  ]);
  expect([...unknown].map(({ pointer }) => pointer)).toEqual(['/shaps', '/shaps/0/widht']);
  expect(rest.value).toEqual({ shapes: [{ kind: 'square', width: 'x', colour: 'green' }] });
  expect(original('/shapes/0/width')).toBe('/shaps/0/widht');
  expect(value).toEqual(before);
});

test('corrected finds problems below a misspelt tag', () => {
  expect(check({ shapes: [{ knd: 'circle', radius: 'x' }] }).problems).toEqual([
    '/shapes/0/knd: unknown field, did you mean kind?',
    '/shapes/0/radius: expected number, got "x"',
  ]);
});

test('corrected leaves a misspelt field beside the field that it means', () => {
  const { problems, value } = check({ shapes: [], shaps: 5 });
  expect(problems).toEqual(['/shaps: unknown field, did you mean shapes?']);
  expect(value).toEqual({ shapes: [], shaps: 5 });
});

test('corrected keeps names with slashes and tildes', () => {
  expect(check({ shapes: [], nams: { 'a/b~c': 5 } }).problems).toEqual([
    '/nams: unknown field, did you mean names?',
    '/nams/a~1b~0c: expected string, got 5',
  ]);
});

test('corrected reports each of many unknown fields once, and corrects one that means a missing field', () => {
  const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`shap${index}`, 0]));
  const { problems } = check(many);
  expect(problems.filter((each) => each.includes('unknown field'))).toHaveLength(200);
  expect(problems).toHaveLength(201);
  expect(problems).toContain('/shap0: expected array, got 0');
});
