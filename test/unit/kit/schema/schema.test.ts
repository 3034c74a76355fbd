import type { TSchema } from 'typebox';
import { describe, expect, test } from 'vitest';
import { parser } from '#kit/schema/parser.ts';
import { depending, isName, mapOf, oneOfKeys, strict, tagged, taggedKinds } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { problemsOf } from '#test/support/problems.ts';

const problems = (schema: TSchema, value: unknown) => problemsOf(() => parser(schema)(value));

const animal = tagged('kind', {
  cat: strict({ lives: Type.Integer({ default: 9 }) }),
  dog: strict({ name: Type.String() }),
});

const a = strict({ a: Type.Number() });
const both = { a: Type.Number(), b: Type.Number() };
const jitter = Type.Unsafe({ enum: ['full', 'equal'] });

test.each<[string, TSchema, unknown, string, string]>([
  ['an unknown field', strict(both), { a: 1, b: 2, c: 3 }, '/c', 'unknown field, expected one of a, b'],
  ['one with a slash and a tilde', a, { a: 1, 'x/~': 3 }, '/x~1~0', 'unknown field, expected one of a'],
  ['a missing field', strict({ a: strict(both) }), { a: { a: 1 } }, '/a', 'missing required field b'],
  ['a misspelt one', strict({ ms: Type.Number() }), { mss: 1 }, '/mss', 'unknown field, did you mean ms?'],
  ['a wrong type', a, { a: '1' }, '/a', 'expected a number, got "1"'],
  ['a wrong type in an array', Type.Array(Type.Number()), [1, null], '/1', 'expected a number, got null'],
  ['an infinity', Type.Number(), JSON.parse('1e999'), '', 'expected a number, got Infinity'],
  ['an infinite count', Type.Integer(), JSON.parse('-1e999'), '', 'expected a whole number, got -Infinity'],
  ['nothing at all', strict({}), undefined, '', 'expected object, got nothing'],
  ['no integer', Type.Integer(), 1.5, '', 'expected a whole number, got 1.5'],
  ['none of an enum', jitter, 'ful', '', 'unknown value "ful", did you mean full?'],
  ['nothing like any of an enum', jitter, 'none', '', 'unknown value "none", expected one of full, equal'],
  ['another constant', Type.Literal('a'), 'b', '', 'expected "a", got "b"'],
  ['too small', Type.Number({ minimum: 2 }), 1, '', 'expected a number >= 2, got 1'],
  ['too large', Type.Number({ maximum: 2 }), 3, '', 'expected a number <= 2, got 3'],
  ['the excluded minimum', Type.Number({ exclusiveMinimum: 0 }), 0, '', 'expected a number > 0, got 0'],
  ['empty', Type.String({ minLength: 1 }), '', '', 'expected a text of length >= 1, got 0'],
  ['too short', Type.String({ minLength: 2 }), 'é', '', 'expected a text of length >= 2, got 1'],
  ['too long', Type.String({ maxLength: 2 }), 'a😀b', '', 'expected a text of length <= 2, got 3'],
  ['too few', Type.Array(Type.Number(), { minItems: 2 }), [1], '', 'expected a list of length >= 2, got 1'],
  ['another pattern', Type.String({ pattern: '^a' }), 'b', '', 'expected a text that matches ^a, got "b"'],
  [
    'too many',
    Type.Array(Type.Number(), { maxItems: 1 }),
    [1, 2],
    '',
    'expected a list of length <= 1, got 2',
  ],
  ['one that a kind lacks', animal, { kind: 'dog', nam: 'x' }, '/nam', 'unknown field, did you mean name?'],
  ['a misspelt tag', animal, { lives: 3, 'kind/': 'cat' }, '/kind~1', 'unknown field, did you mean kind?'],
  ['a misspelt kind', animal, { kind: 'cats' }, '/kind', 'unknown kind "cats", did you mean cat?'],
  ['an unknown kind', animal, { kind: 'cow' }, '/kind', 'unknown kind "cow", expected one of cat, dog'],
  ['no kind', animal, { lives: 3 }, '', 'missing required field kind, expected one of cat, dog'],
  [
    'one of another kind',
    animal,
    { kind: 'cat', name: 'x' },
    '/name',
    'unknown field, expected one of kind, lives',
  ],
  ['a missing field of a kind', animal, { kind: 'dog' }, '', 'missing required field name'],
  ['no key', oneOfKeys(both), {}, '', 'expected exactly one of a, b, got []'],
  ['two keys', oneOfKeys(both), { a: 1, b: 2 }, '', 'expected exactly one of a, b, got ["a","b"]'],
  ['a long value', Type.Number(), 'x'.repeat(100), '', `expected a number, got "${'x'.repeat(56)}…`],
])('parser says where and what was expected: %s', (_sentence, schema, value, pointer, message) => {
  expect(problems(schema, value)).toEqual([{ pointer, message }]);
});

test('parser says all problems at once, each once, in one message, too', () => {
  const schema = strict({ a: Type.Number({ minimum: 0 }), pets: Type.Array(animal), c: Type.String() });
  const value = { a: -1, pets: [{ kind: 'cow' }, { kind: 'dog', name: 1 }], d: true };
  expect(
    problems(schema, value)
      .map(({ pointer }) => pointer)
      .toSorted(),
  ).toEqual(['', '/a', '/d', '/pets/0/kind', '/pets/1/name']);
  expect(() => parser(schema)(value)).toThrow(
    /^value: missing required field c; .*\/d: unknown field, .*\/a: expected a number >= 0, got -1/,
  );
});

describe('parser fills in defaults', () => {
  const schema = strict({
    ms: Type.Integer({ default: 120 }),
    nested: strict({ on: Type.Boolean({ default: true }) }, { default: {} }),
    pet: { ...animal, default: { kind: 'cat' } },
  });

  test('without touching the value, and shares nothing with it or with other results', () => {
    const value = { nested: {} };
    const parse = parser(schema);
    const [first, second] = [parse(value), parse(value)] as { nested: { on: boolean } }[];
    expect(value).toEqual({ nested: {} });
    first!.nested.on = false;
    expect(value).toEqual({ nested: {} });
    expect(second!.nested.on).toBe(true);
    expect((parse({}) as { nested: object }).nested).toEqual({ on: true });
  });
});

test('taggedKinds takes the options of each kind, distinguished by kind', () => {
  const parse = parser(
    taggedKinds({
      cat: { options: strict({ lives: Type.Integer({ default: 9 }) }) },
      dog: { options: strict({ name: Type.String() }) },
    }),
  );
  expect(parse({ kind: 'cat' })).toEqual({ kind: 'cat', lives: 9 });
  expect(() => parse({ kind: 'dog', lives: 9 })).toThrow('/lives: unknown field, expected one of kind, name');
});

test.each(['a', 'a\nb', 'a\r', '\u2028', '__proto__', ''])(
  'mapOf checks an entry of any name, %j',
  (name) => {
    const schema = mapOf(strict({ lives: Type.Integer({ default: 9 }) }));
    const given = (entry: unknown) => JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(entry)}}`);
    expect(problems(schema, given(3))).toEqual([{ pointer: `/${name}`, message: 'expected object, got 3' }]);
    expect(parser(schema)(given({}))).toEqual(given({ lives: 9 }));
  },
);

describe('depending', () => {
  const cod = tagged('kind', { cod: strict({ kg: Type.Number({ default: 2 }) }) });
  const schema = depending({ name: Type.String() }, 'place', 'animal', [
    { of: ['sea', 'lake'], schema: cod },
    { of: ['air'], schema: Type.String() },
  ] as const);

  test('takes what belongs to the value of the tag, with its defaults', () => {
    const parse = parser(schema);
    const fish = { name: 'a', place: 'lake', animal: { kind: 'cod' } };
    expect(parse(fish)).toEqual({ ...fish, animal: { kind: 'cod', kg: 2 } });
    const bird = { name: 'b', place: 'air', animal: 'owl' };
    expect(parse(bird)).toEqual(bird);
  });

  test.each<[string, object, string, string]>([
    ['another tag', { place: 'sae', animal: 'owl' }, '/place', 'unknown place "sae", did you mean sea?'],
    ['no tag', {}, '', 'missing required field place, expected one of sea, lake, air'],
    ['an unknown one, no tag', { wings: 2 }, '/wings', 'unknown field, expected one of name, place, animal'],
    [
      'what belongs to another',
      { place: 'sea', animal: { kind: 'owl' } },
      '/animal/kind',
      'unknown kind "owl", expected one of cod',
    ],
  ])('refuses %s', (_sentence, value, pointer, message) => {
    expect(problems(schema, { name: 'a', ...value })).toContainEqual({ pointer, message });
  });
});

test('isName takes small letters, digits and hyphens, with a letter and up to 40', () => {
  expect(['a', '16-x', 'a--b', 'a'.repeat(40)].filter((text) => !isName(text))).toEqual([]);
  expect(['', '16', '-a', 'A', 'a_b', 'a b', 'a/b', 'é', 'a\n', 'a'.repeat(41)].filter(isName)).toEqual([]);
});
