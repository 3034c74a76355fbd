import type { TSchema } from 'typebox';
import { expect, test } from 'vitest';
import { checker } from '#kit/schema/parser.ts';
import { mapOf, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';

const problems = (schema: TSchema, value: object) => checker(schema)(value);

const animal = tagged('kind', {
  cat: strict({ lives: Type.Integer({ default: 9 }) }),
  dog: strict({ name: Type.String() }),
});

test('problemsOf says of a field that is unknown here for which siblings it is', () => {
  const unknown = { pointer: '/a/name', message: 'unknown field, only for kind dog' };
  expect(problems(strict({ a: animal }), { a: { kind: 'cat', name: 'b' } })).toEqual([unknown]);
  const many = mapOf(animal);
  expect(problems(many, { a: { kind: 'cat', name: 'b' } })).toEqual([unknown]);
  const shared = tagged('kind', {
    cat: strict({ lives: Type.Integer() }),
    dog: strict({ live: Type.Integer() }),
    cow: strict({ live: Type.Integer() }),
  });
  expect(problems(shared, { kind: 'cat', live: 1 })).toEqual([
    { pointer: '', message: 'missing required field lives' },
    { pointer: '/live', message: 'unknown field, only for kind dog, cow' },
  ]);
});

test('problemsOf names each unknown field once, also if the tag is wrong', () => {
  const unknown = { pointer: '/naem', message: 'unknown field, did you mean name?' };
  expect(problems(animal, { kind: 'owl', name: 'a', naem: 'b' })).toEqual([
    { pointer: '/kind', message: 'expected kind to be one of cat, dog, got "owl"' },
    unknown,
  ]);
  expect(problems(animal, { lives: 1, naem: 'b' })).toEqual([
    { pointer: '', message: 'expected kind to be one of cat, dog, it is missing' },
    unknown,
  ]);
  expect(problems(animal, { kidn: 'cat', wings: 2 })).toEqual([
    { pointer: '/kidn', message: 'unknown field, did you mean kind?' },
    { pointer: '/wings', message: 'unknown field, expected one of kind, lives, name' },
  ]);
});
