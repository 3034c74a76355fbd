import { Type as TypeBox } from 'typebox';
import { expect, test } from 'vitest';
import { Type } from '#kit/schema/type.ts';

type Builders = typeof Type;

test.each<[string, (type: Builders) => object]>([
  ['Number', (type) => type.Number({ minimum: 1, default: 2 })],
  ['Integer', (type) => type.Integer()],
  ['String', (type) => type.String({ maxLength: 3 })],
  ['Boolean', (type) => type.Boolean({ default: false })],
  ['Literal', (type) => type.Literal('auto', { description: 'x' })],
  ['Enum', (type) => type.Enum(['a', 'b'], { default: 'a' })],
  ['Array', (type) => type.Array(type.String(), { maxItems: 2 })],
  ['Union', (type) => type.Union([type.String(), type.Literal(1)])],
  ['Unknown', (type) => type.Unknown()],
  ['Unsafe', (type) => type.Unsafe({ type: 'object' })],
  ['Object', (type) => type.Object({ a: type.Number(), b: type.Optional(type.String()) }, { default: {} })],
  ['Object without required fields', (type) => type.Object({ b: type.Optional(type.String()) })],
  [
    'Object of the fields of another',
    (type) =>
      type.Object({ ...type.Object({ a: type.Optional(type.Enum(['x'])), b: type.Number() }).properties }),
  ],
  ['Partial', (type) => type.Partial(type.Object({ a: type.Number() }, { title: 'x' }), { title: 'y' })],
])("Type.%s builds TypeBox's schema", (_name, build) => {
  const text = JSON.stringify(build(Type));
  expect(text).toBe(JSON.stringify(build(TypeBox)));
});
