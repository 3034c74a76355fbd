import { expect, test } from 'vitest';
import { escapePointer, positionAt, segmentsOf, YamlError, YamlSource } from '#lab/experiment/source.ts';

const text = `# a comment
title: one
"a/b": { c: [10, { d~e: x }] }
base: &base
  deep: 1
copy: *base
empty:
text: 'goodput(a) > 1'
folded: >-
  goodput(a)
  > 1
`;
const source = new YamlSource(text);
const found = (pointer: string, rest: { onKey?: boolean; offset?: number } = {}) => {
  const { line, column } = positionAt(text, source.offsetOf({ pointer, message: '', ...rest }));
  return `${line}:${column}`;
};

test.each([
  ['', '2:1', 'the whole, at its first field'],
  ['/title', '2:8', 'a value'],
  ['/a~1b/c/1/d~0e', '3:25', 'a value deep inside'],
  ['/a~1b/c/7', '3:13', 'an index that is not there, at its list'],
  ['/copy', '6:7', 'an alias, where it stands'],
  ['/copy/deep', '5:9', 'what an alias stands for, at the anchor'],
  ['/copy/missing', '6:7', 'a field that is not there, at its parent'],
])('YamlSource finds %s at %s: %s', (pointer, position) => {
  expect(found(pointer)).toBe(position);
});

test('YamlSource finds the name of a field', () => {
  expect(found('/title', { onKey: true })).toBe('2:1');
  expect(found('/a~1b/c', { onKey: true })).toBe('3:10');
  expect(found('/copy/deep', { onKey: true })).toBe('5:3');
});

test('YamlSource finds a character in a text that is written as it reads, else the text', () => {
  expect(found('/title', { offset: 2 })).toBe('2:10');
  expect(found('/text', { offset: 8 })).toBe('8:16');
  expect(found('/folded', { offset: 13 })).toBe('9:9');
});

test('YamlSource resolves aliases into values of their own', () => {
  const { base, copy } = source.value as Record<string, object>;
  expect(copy).toEqual({ deep: 1 });
  expect(copy).not.toBe(base);
});

test.each([
  ['a: 1\na: 2', [[5, 'expected each name once']]],
  [
    'a: *b\nc: *d',
    [
      [3, 'expected an anchor &b before *b'],
      [9, 'expected an anchor &d before *d'],
    ],
  ],
  ['a: &a [*a]', [[7, '*a contains itself']]],
  ['a: !local 1', [[3, 'Unresolved tag: !local']]],
  ['a: 1\n---\nb: 1', [[5, 'expected a single document']]],
  ['? [a]\n: 1', [[2, 'expected a name']]],
  ['a: &a 1\nb: [' + '*a,'.repeat(1001) + ']', [[3011, 'expected at most 1000 aliases']]],
  ['['.repeat(100_000), [[expect.any(Number), 'nested too deeply']]],
] as [string, [number, string][]][])('YamlSource refuses %.20s', (text, problems) => {
  const error = (() => {
    try {
      return new YamlSource(text);
    } catch (error) {
      return error;
    }
  })();
  expect(error).toBeInstanceOf(YamlError);
  expect((error as YamlError).problems.map(({ offset, message }) => [offset, message])).toEqual(problems);
});

test('YamlSource refuses aliases that multiply beyond bounds', () => {
  const levels = Array.from(
    { length: 12 },
    (_, i) => `l${i}: &l${i} [${Array(9).fill(i ? `*l${i - 1}` : 'x')}]`,
  );
  expect(() => new YamlSource(levels.join('\n'))).toThrow('expected at most 200000 values, aliases resolved');
});

test('positionAt counts from 1 and stays inside the text', () => {
  expect(positionAt('ab\ncd\n', 0)).toEqual({ line: 1, column: 1 });
  expect(positionAt('ab\ncd\n', 4)).toEqual({ line: 2, column: 2 });
  expect(positionAt('ab\ncd\n\n', 99)).toEqual({ line: 2, column: 2 });
  expect(positionAt('', 5)).toEqual({ line: 1, column: 1 });
});

test('segmentsOf takes apart what escapePointer made', () => {
  const names = ['a/b', '~1', '~', '', 'c'];
  expect(segmentsOf(names.map((name) => `/${escapePointer(name)}`).join(''))).toEqual(names);
  expect(segmentsOf('')).toEqual([]);
});
