import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withValues } from '#lab/experiment/file/edit.ts';
import { YamlSource } from '#lab/experiment/file/source.ts';

const edited = (text: string, pointer: string, value: unknown) =>
  withValues(text, new Map([[pointer, value]]));

test.each([
  ['a number', 'a: 1 # why\nb: 2\n', '/a', 10, 'a: 10 # why\nb: 2\n'],
  ['a quoted text', "a: 'x' # why\n", '/a', 'y: z', 'a: "y: z" # why\n'],
  [
    'an entry of a list',
    'a:\n  - { b: 1, c: 2 }\n  - { b: 3 } # why\n',
    '/a/1/b',
    4,
    'a:\n  - { b: 1, c: 2 }\n  - { b: 4 } # why\n',
  ],
  ['a missing field in braces', 'a: { b: 1 }\n', '/a/c', 2, 'a: { c: 2, b: 1 }\n'],
  ['a missing field in lines', 'a:\n  b: 1 # why\n', '/a/c', 2, 'a:\n  c: 2\n  b: 1 # why\n'],
  ['a missing field in a list', 'a:\n  - b: 1\n', '/a/0/c', 2, 'a:\n  - c: 2\n    b: 1\n'],
  ['a field of an empty map', 'a: {}\n', '/a/b', 2, 'a: { b: 2 }\n'],
  ['a missing map', 'a: 1\n', '/b/c', 2, 'b: { c: 2 }\na: 1\n'],
])('withValues sets %s, and keeps the rest', (_, text, pointer, value, expected) => {
  expect(edited(text, pointer, value)).toBe(expected);
});

test('withValues changes neither the other places of an anchor nor, from an alias, the anchor', () => {
  const text = 'a: &x { b: 1 } # why\nc: *x\nd: [*x]\n';
  const valueAfter = (pointer: string) => new YamlSource(edited(text, pointer, 9)).value;
  expect(valueAfter('/a/b')).toEqual({ a: { b: 9 }, c: { b: 1 }, d: [{ b: 1 }] });
  expect(valueAfter('/c/b')).toEqual({ a: { b: 1 }, c: { b: 9 }, d: [{ b: 1 }] });
  expect(edited(text, '/c/b', 9)).toBe('a: &x { b: 1 } # why\nc: { b: 9 }\nd: [*x]\n');
});

test('withValues replaces a list whose entries have anchors, and keeps what refers to them', () => {
  const text = 'a:\n  - b: &x { c: 1 }\n  - d: 2\ne: *x\nf: [*x]\n';
  const after = edited(text, '/a', [{ b: { c: 3 } }, { d: 2 }, { g: 4 }]);
  expect(after).toBe('a:\n  - { b: { c: 3 } }\n  - { d: 2 }\n  - { g: 4 }\ne: { c: 1 }\nf: [{ c: 1 }]\n');
});

test('withValues keeps every comment of an experiment of the course', () => {
  const text = readFileSync(
    new URL('../../../../../experiments/05-metastable.yaml', import.meta.url),
    'utf8',
  );
  const pointer = '/variants/three-tries/policies/0/retry/maxRetries';
  const after = withValues(
    text,
    new Map([
      [pointer, 1],
      ['/load/1/arrivals/ratePerSecond', 300.5],
    ]),
  );
  const comments = (of: string) => of.match(/#.*/g);
  expect(comments(after)).toEqual(comments(text));
  expect(after.split('\n').filter((line) => !text.includes(line))).toHaveLength(4); // two of them were aliases
});
