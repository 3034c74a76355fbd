import { expect, test } from 'vitest';
import { asInput } from '#kit/schema/as-input.ts';
import { integer, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';

test('asInput requires no field with a default, on any level, and leaves the schema as it was', () => {
  const inner = strict(
    { ms: integer({ from: 0, to: 9, default: 5 }, 'Time.'), name: Type.String() },
    { default: {} },
  );
  const schema = strict({ inner, list: Type.Array(inner) });
  expect(asInput(schema)).toMatchObject({
    required: ['list'],
    properties: { inner: { required: ['name'] }, list: { items: { required: ['name'] } } },
  });
  expect(schema.required).toEqual(['inner', 'list']);
});
