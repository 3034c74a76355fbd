import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withoutFields, withValues } from '#lab/experiment/file/edit.ts';
import { YamlSource } from '#lab/experiment/file/source.ts';

const edited = (text: string, pointer: string, value: number | string) =>
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
  expect(after.split('\n').filter((line) => !text.includes(line))).toHaveLength(5); // three of them were aliases
});

test.each([
  ['a line', 'a: 1\nb: 2 # why\nc: 3\n', '/b', 'a: 1\nc: 3\n'],
  ['the last line', 'a: 1\nb: 2', '/b', 'a: 1\n'],
  ['the first line', 'a: 1\nb: 2\n', '/a', 'b: 2\n'],
  [
    'a block with the comments above it',
    'a:\n  b: 1\n  # why\n  # and\n  c:\n    d: 1\n    e: [2,\n      3] # three\n\n  # f\n  f: 1\n',
    '/a/c',
    'a:\n  b: 1\n\n  # f\n  f: 1\n',
  ],
  ['a folded text', 'a:\n  b: >-\n    one\n    two\n\n  # c\n  c: 1\n', '/a/b', 'a:\n\n  # c\n  c: 1\n'],
  ['the first in braces', 'a: { b: 1, c: 2 } # why\n', '/a/b', 'a: { c: 2 } # why\n'],
  ['another in braces', 'a: { b: 1, c: { d: 2 }, e: 3 } # why\n', '/a/c', 'a: { b: 1, e: 3 } # why\n'],
  ['the only one in braces', 'a: { b: 1 }\n', '/a/b', 'a: {  }\n'],
  ['braces over several lines', 'a: {\n  b: 1, # why\n  c: 2\n}\n', '/a/c', 'a: {\n  b: 1\n}\n'],
  ['an entry of a list', 'a:\n  - b: 1\n    c: 2\n  - c: 3\n', '/a/0/c', 'a:\n  - b: 1\n  - c: 3\n'],
  ['the first of an entry of a list', 'a:\n  - b: 1\n    c: 2\n', '/a/0/b', 'a:\n  - b: {}\n    c: 2\n'],
  ['an alias', 'a: &x { b: 1 }\nc: *x\n', '/c', 'a: &x { b: 1 }\n'],
  ['an anchor with aliases', 'a: &x { b: 1 }\nc: *x\nd: [*x]\n', '/a', 'c: { b: 1 }\nd: [{ b: 1 }]\n'],
  ['an anchor below', 'a: { b: &x { c: 1 } }\nd: *x\n', '/a', 'd: { c: 1 }\n'],
  ['nothing that is missing', 'a: &x { b: 1 }\nc: *x\n', '/a/d', 'a: &x { b: 1 }\nc: *x\n'],
])('withoutFields removes %s, and keeps the rest', (_, text, pointer, expected) => {
  expect(withoutFields(text, [pointer])).toBe(expected);
});

test('withoutFields removes all predictions of each experiment of the course, and nothing else', () => {
  const folder = new URL('../../../../../experiments/', import.meta.url);
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const counts = files.map((name) => {
    const text = readFileSync(new URL(name, folder), 'utf8');
    const value = new YamlSource(text).value as { variants: Record<string, { predicted?: unknown }> };
    const names = Object.keys(value.variants).filter((each) => value.variants[each]!.predicted !== undefined);
    const after = withoutFields(
      text,
      names.map((each) => `/variants/${each}/predicted`),
    );
    for (const each of names) delete value.variants[each]!.predicted;
    expect(new YamlSource(after).value, name).toEqual(value);
    return names.length;
  });
  expect(counts.filter((count) => count > 0).length).toBeGreaterThan(5);
});
