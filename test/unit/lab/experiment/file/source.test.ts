import { expect, test } from 'vitest';
import { positionAt, YamlSource } from '#lab/experiment/file/source.ts';

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

test('positionAt counts from 1 and stays inside the text', () => {
  expect(positionAt('ab\ncd\n', 0)).toEqual({ line: 1, column: 1 });
  expect(positionAt('ab\ncd\n', 4)).toEqual({ line: 2, column: 2 });
  expect(positionAt('ab\ncd\n\n', 99)).toEqual({ line: 2, column: 2 });
  expect(positionAt('', 5)).toEqual({ line: 1, column: 1 });
});
