import { expect, test } from 'vitest';
import { YamlError, YamlSource } from '#lab/experiment/file/source.ts';

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
  const { line, col } = source.positionOf({ pointer, message: '', ...rest });
  return `${line}:${col}`;
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
  const { base, copy } = new YamlSource('base: &base { deep: 1 }\ncopy: *base').value as Record<
    string,
    object
  >;
  expect(copy).toEqual({ deep: 1 });
  expect(copy).not.toBe(base);
});

test.each<[string, string, string[]]>([
  ['a name twice', 'a: 1\n¦a: 2\n¦a: 3', Array(2).fill('expected each name once')],
  [
    'aliases of nothing',
    'a: ¦*b\nc: ¦*d',
    ['expected an anchor &b that ends before *b', 'expected an anchor &d that'],
  ],
  ['an alias of what it is in', 'a: &a [¦*a]', ['expected an anchor &a that ends before *a']],
  [
    'an infinity',
    'a: [1, ¦-.inf]\nb: ¦.nan\nc: ¦1e999',
    ['-Infinity', 'NaN', 'Infinity'].map((got) => `expected a finite number, got ${got}`),
  ],
  ['a tag', 'a: ¦!local 1', ['expected a value without a tag, got "!local 1"']],
  ['another document', 'a: 1\n¦---\nb: 1', ['expected one document in a file, got "---"']],
  ['a list as a name', '? ¦[a]\n: 1', ['expected a name, got "[a]"']],
  ['no space after a colon in braces', 'a: { ¦b:1 }', ['expected a space after the colon, got "b:1"']],
  ['what is no text', 'a: x¦\u0000', ['expected text, got the control character U+0000']],
  [
    'control characters behind escapes, in values and names',
    'a: [¦"\\e[31m", ¦"\\x9b"]\n¦"\\b": "\\t\\n\\\\e"\nc: ¦"\\r"',
    ['1B', '9B', '08', '0D'].map((code) => `expected text, got the control character U+00${code}`),
  ],
  ['an unclosed brace', 'a: { b: 1\n¦c: 2', ['expected } to close what was opened, got "c: 2"']],
  ['an unclosed quote', "a: 1\nb: ¦'\n", ["expected ' to close a text, got"]],
  ['a tab', 'a:\n¦\tb: 1\nc: 1', ['expected spaces as indentation and no tab, got "\\tb: 1"']],
  ['a name without a colon', 'a: 1\n¦b 2\nc: 3', ['expected a colon after the name, got "b 2"']],
  ['a colon without a space', '¦a:1\nb: 2', ['expected "name: value", or a comma, got "a:1"']],
  [
    'a colon in a text',
    'a: ¦b: c',
    ['expected one value, or quotes around a text with a colon and a space in it'],
  ],
  [
    'a line too far to the left',
    'a:\n  b: 1\n ¦c: 2',
    ['expected the same indentation as the fields before, got "c: 2"'],
  ],
  ['a sign that YAML reserves', 'a: ¦@x', ['expected quotes around a text that begins with @, got "@x"']],
  ['what follows an error that may have caused it', 'a: 1\na: 2\nb: ¦@\nc: @', ['begins with @']],
])('YamlSource refuses %s', (_what, marked, messages) => {
  const parts = marked.split('¦');
  const found = yamlProblems(parts.join(''));
  const marks = parts.slice(0, -1).map((_, index) =>
    parts
      .slice(0, index + 1)
      .join('')
      .split('\n'),
  );
  expect(found.map(({ line, col }) => [line, col])).toEqual(
    marks.map((lines) => [lines.length, lines.at(-1)!.length + 1]),
  );
  expect(found.map(({ message }) => message)).toEqual(messages.map((text) => expect.stringContaining(text)));
});

function yamlProblems(text: string): YamlError['problems'] {
  try {
    new YamlSource(text);
    return [];
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    return error.problems;
  }
}

test('YamlSource refuses endless nesting', () => {
  expect(() => new YamlSource('['.repeat(6000))).toThrow('expected fewer levels of nesting');
});

test('YamlSource refuses aliases that multiply beyond bounds', () => {
  const deep = Array.from(
    { length: 12 },
    (_, i) => `l${i}: &l${i} [${Array(9).fill(i ? `*l${i - 1}` : 'x')}]`,
  );
  const list = `l: &l [${Array(1200).fill('x')}]`;
  const wide = [list, ...Array.from({ length: 99 }, (_, i) => `l${i}: *l`)];
  const renamed = [list, 'm: &m [*l]', 'n: &l 0', ...Array.from({ length: 99 }, (_, i) => `o${i}: *m`)];
  for (const lines of [deep, wide, renamed])
    expect(() => new YamlSource(lines.join('\n'))).toThrow('expected aliases of at most 100000 values');
});
