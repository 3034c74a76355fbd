import { expect, test } from 'vitest';
import { positionAt, YamlError, YamlSource } from '#lab/experiment/file/source.ts';
import { refusal } from '#test/fixtures/experiment.ts';

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

test('YamlSource resolves aliases into values of their own', () => {
  const { base, copy } = new YamlSource('base: &base { deep: 1 }\ncopy: *base').value as Record<
    string,
    object
  >;
  expect(copy).toEqual({ deep: 1 });
  expect(copy).not.toBe(base);
});

test.each<[string, string, [number, string][]]>([
  ['a name twice', 'a: 1\na: 2', [[5, 'expected each name once, got "a: 2"']]],
  [
    'aliases of nothing',
    'a: *b\nc: *d',
    [
      [3, 'expected an anchor &b before *b'],
      [9, 'expected an anchor &d before *d'],
    ],
  ],
  ['an alias of what it is in', 'a: &a [*a]', [[7, '*a contains itself']]],
  [
    'an infinity',
    'a: [1, -.inf]\nb: .nan\nc: 1e999',
    [
      [7, 'expected a finite number, got -.inf'],
      [17, 'expected a finite number, got .nan'],
      [25, 'expected a finite number, got 1e999'],
    ],
  ],
  ['a tag', 'a: !local 1', [[3, 'expected a value without a tag, got "!local 1"']]],
  ['a second document', 'a: 1\n---\nb: 1', [[5, 'expected one document in a file, got "---"']]],
  ['a list as a name', '? [a]\n: 1', [[2, 'expected a name, got "[a]"']]],
  [
    'a name and a value without a space in braces',
    'a: { b:1 }',
    [[5, 'expected a space after the colon, got "b:1"']],
  ],
  ['what is no text', 'a: x\u0000', [[4, 'expected text, got the control character U+0000']]],
  [
    'control characters behind escapes, in values and names',
    'a: ["\\e[31m", "\\x9b", "\\0"]\n"\\b": "\\t\\n\\\\e"\nc: "\\r"',
    [
      [4, 'expected text, got the control character U+001B'],
      [14, 'expected text, got the control character U+009B'],
      [22, 'expected text, got the control character U+0000'],
      [28, 'expected text, got the control character U+0008'],
      [47, 'expected text, got the control character U+000D'],
    ],
  ],
  ['too many aliases', `a: &a 1\nb: [${'*a,'.repeat(1001)}]`, [[3012, 'expected at most 1000 aliases']]],
  ['endless nesting', '['.repeat(100_000), [[expect.any(Number), 'nested too deeply']]],
])('YamlSource refuses %s', (_what, text, problems) => {
  expect(problemsOf(text)).toEqual(problems);
});

function problemsOf(text: string) {
  try {
    return new YamlSource(text).value;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    return error.problems.map(({ offset, message }) => [offset, message]);
  }
}

test('YamlSource refuses aliases that multiply beyond bounds', () => {
  const levels = Array.from(
    { length: 12 },
    (_, i) => `l${i}: &l${i} [${Array(9).fill(i ? `*l${i - 1}` : 'x')}]`,
  );
  expect(() => new YamlSource(levels.join('\n'))).toThrow('expected at most 200000 values, aliases resolved');
});

test.each<[string, string, string]>([
  ['an unclosed brace', 'a: ¦{ b: 1\nc: 2', 'expected } to close this {'],
  ['an unclosed brace at the end', 'c: 2\na: ¦{ b: 1 # more\n', 'expected } to close this {'],
  [
    'an unclosed brace around other lines',
    'a: ¦{\n  b: { c: 1 }\n  d: 2\ne: 1',
    'expected } to close this {',
  ],
  ['an unclosed bracket in braces', 'a: { b: ¦[1, 2 }\nc: 3', 'expected ] to close this ['],
  ['the innermost of those unclosed', 'a: { b: [¦{ c: 1 ] }\nd: 3', 'expected } to close this {'],
  ['a whole in an unclosed brace', '¦{ a: 1', 'expected } to close this {'],
  ['an unclosed quote', 'a: ¦"x\nb: 1\nc: [1', 'expected " to close this "'],
  ['an unclosed quote before another', 'a: ¦"x\nb: "y"\n', 'expected " to close this "'],
  ['an unclosed single quote', "a: 1\nb: ¦'\n", "expected ' to close this '"],
  ['a tab', 'a:\n¦\tb: 1\nc: 1', 'expected spaces as indentation and no tab, got "\\tb: 1"'],
  [
    'a line too far to the right',
    'a:\n  b: [1]\n   ¦c: 2',
    'expected YAML, got "c: 2": All mapping items must start at the same column',
  ],
  ['a bracket at the margin', 'a:\n  b: ¦[\n1]', 'expected ] to close this ['],
  ['a name without a colon', 'a: 1\n¦b 2\nc: 3', 'expected "name: value", got "b 2"'],
  ['a colon without a space', '¦a:1\nb: 2', 'expected "name: value", or a comma, got "a:1"'],
  [
    'a colon in a text',
    'a: ¦b: c',
    'expected one value, or quotes around a text with a colon and a space in it, got "b: c"',
  ],
  [
    'a line too far to the right after a text',
    'a:\n  b: ¦1\n   c: 2',
    'expected a value or deeper lines, and not both, got "1"',
  ],
  ['a value beside fields', 'a: ¦x\n  b: 1', 'expected a value or deeper lines, and not both, got "x"'],
  [
    'a comma that is missing',
    'a: { b: ¦1 c: 2 }',
    'expected a comma between fields, or [ ] around a list within { }, got "1 c: 2 }"',
  ],
  [
    'a comma that is missing between lines',
    'a: {\n  b: ¦1\n  c: 2 }',
    'expected "name: value", or a comma, got "1"',
  ],
  [
    'a list with hyphens in braces',
    'a: { b:\n  ¦- c }',
    'expected a comma between fields, or [ ] around a list within { }, got "- c }"',
  ],
  [
    'what hardly anybody writes',
    'a: &b ¦&c 1',
    'expected YAML, got "&c 1": A node can have at most one anchor',
  ],
])('YamlSource says where it is and what was expected: %s', (_what, text, message) => {
  const { actual, expected } = refusal(text, [message]);
  expect(actual).toEqual(expected);
});

test('YamlSource names all names that are there twice, until the text can no longer be understood', () => {
  const twice = (value: number) => `expected each name once, got "a: ${value}"`;
  const { actual, expected } = refusal('a: 1\n¦a: 2\n¦a: 3\nb: ¦@\na: 4\nc: @', [
    twice(2),
    twice(3),
    'expected YAML, got "@": Plain value cannot start with reserved character @',
  ]);
  expect(actual).toEqual(expected);
});
