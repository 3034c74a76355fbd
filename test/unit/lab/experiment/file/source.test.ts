import { expect, test } from 'vitest';
import { positionAt, YamlError, YamlSource } from '#lab/experiment/file/source.ts';
import { expectRefusal } from '#test/fixtures/experiment.ts';

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

test.each<[string, string, Record<number, string>]>([
  ['a name twice', 'a: 1\na: 2', { 5: 'expected each name once, got "a: 2"' }],
  [
    'aliases of nothing',
    'a: *b\nc: *d',
    { 3: 'expected an anchor &b before *b', 9: 'expected an anchor &d before *d' },
  ],
  ['an alias of what it is in', 'a: &a [*a]', { 7: '*a contains itself' }],
  [
    'an infinity',
    'a: [1, -.inf]\nb: .nan\nc: 1e999',
    {
      7: 'expected a finite number, got -.inf',
      17: 'expected a finite number, got .nan',
      25: 'expected a finite number, got 1e999',
    },
  ],
  ['a tag', 'a: !local 1', { 3: 'expected a value without a tag, got "!local 1"' }],
  ['another document', 'a: 1\n---\nb: 1', { 5: 'expected one document in a file, got "---"' }],
  ['a list as a name', '? [a]\n: 1', { 2: 'expected a name, got "[a]"' }],
  ['no space after a colon in braces', 'a: { b:1 }', { 5: 'expected a space after the colon, got "b:1"' }],
  ['what is no text', 'a: x\u0000', { 4: 'expected text, got the control character U+0000' }],
  [
    'control characters behind escapes, in values and names',
    'a: ["\\e[31m", "\\x9b", "\\0"]\n"\\b": "\\t\\n\\\\e"\nc: "\\r"',
    Object.fromEntries(
      Object.entries({ 4: '1B', 14: '9B', 22: '00', 28: '08', 47: '0D' }).map(([at, code]) => [
        at,
        `expected text, got the control character U+00${code}`,
      ]),
    ),
  ],
  ['too many aliases', `a: &a 1\nb: [${'*a,'.repeat(1001)}]`, { 3012: 'expected at most 1000 aliases' }],
])('YamlSource refuses %s', (_what, text, problems) => {
  expect(yamlProblems(text)).toEqual(problems);
});

function yamlProblems(text: string) {
  try {
    return new YamlSource(text).value;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    return Object.fromEntries(error.problems.map(({ offset, message }) => [offset, message]));
  }
}

test('YamlSource refuses endless nesting', () => {
  expect(() => new YamlSource('['.repeat(20_000))).toThrow('nested too deeply');
});

test('YamlSource refuses aliases that multiply beyond bounds', () => {
  const levels = Array.from(
    { length: 12 },
    (_, i) => `l${i}: &l${i} [${Array(9).fill(i ? `*l${i - 1}` : 'x')}]`,
  );
  expect(() => new YamlSource(levels.join('\n'))).toThrow('expected at most 200000 values, aliases resolved');
});

const sides = 'expected a value or deeper lines, and not both';
const comma = 'expected a comma between fields, or [ ] around a list within { }';
const indentation = 'expected the indentation of a line above';
const lineEnd = 'expected the end of the line';
const quotes = 'expected one value, or quotes around a text with a colon and a space in it';

test.each<[string, string, string]>([
  ['an unclosed brace', 'a: ¦{ b: 1\nc: 2', 'expected } to close this {'],
  ['an unclosed brace at the end', 'c: 2\na: ¦{ b: 1 # more\n', 'expected } to close this {'],
  ['a brace around lines', 'a: ¦{\n  b: { c: 1 }\n  d: 2\ne: 1', 'expected } to close this {'],
  ['an unclosed bracket in braces', 'a: { b: ¦[1, 2 }\nc: 3', 'expected ] to close this ['],
  ['the innermost of those unclosed', 'a: { b: [¦{ c: 1 ] }\nd: 3', 'expected } to close this {'],
  [
    'an unclosed brace around a name of a list',
    'a: [b: { c: 1 }, ¦{ d: 1]\ne: 1',
    'expected } to close this {',
  ],
  ['a whole in an unclosed brace', '¦{ a: 1', 'expected } to close this {'],
  ['an unclosed quote', 'a: ¦"x\nb: 1\nc: [1', 'expected " to close this "'],
  ['a quote before another', 'a: ¦"x\nb: "y"\n', 'expected " to close this "'],
  ['an unclosed single quote', "a: 1\nb: ¦'\n", "expected ' to close this '"],
  ['a bracket at the margin', 'a:\n  b: ¦[\n1]', 'expected ] to close this ['],
  ['a tab', 'a:\n¦\tb: 1\nc: 1', 'expected spaces as indentation and no tab, got "\\tb: 1"'],
  ['a name without a colon', 'a: 1\n¦b 2\nc: 3', 'expected "name: value", got "b 2"'],
  ['a colon without a space', '¦a:1\nb: 2', 'expected "name: value", or a comma, got "a:1"'],
  ['a text at the end', `a: 1\n¦${'x'.repeat(50)}`, `expected "name: value", got "${'x'.repeat(39)}…"`],
  ['a colon in a text', 'a: ¦b: c', `${quotes}, got "b: c"`],
  ['a line too far to the right after a text', 'a:\n  b: ¦1\n   c: 2', `${sides}, got "1"`],
  ['a value beside fields', 'a: ¦x\n  b: 1', `${sides}, got "x"`],
  ['a comma that is missing', 'a: { b: ¦1 c: 2 }', `${comma}, got "1 c: 2 }"`],
  ['a list of hyphens in braces', 'a: { b:\n  ¦- c }', `${comma}, got "- c }"`],
  ['a missing comma between lines', 'a: {\n  b: ¦1\n  c: 2 }', 'expected "name: value", or a comma, got "1"'],
  ['a line too far to the right', 'a:\n  b: [1]\n   ¦c: 2', `${indentation}, got "c: 2"`],
  ['a line too far to the left', 'a:\n  b: 1\n ¦c: 2', `${indentation}, got "c: 2"`],
  ['a field after a list', '- a\n¦b: 1', 'expected a line like those above, got "b: 1"'],
  ['a brace too many', 'a: { b: 1 } ¦}\nc: 2', 'expected no } where none is open, got "}"'],
  [
    'a comma missing after a brace',
    'a: { b: {} ¦c: 2 }',
    'expected a comma before the next field, got "c: 2 }"',
  ],
  ['a comma too many', 'a: [1, ¦, 2]', 'expected a value, got ", 2]"'],
  ['more after a quote', "a: 'it'¦s x'", `${lineEnd}, got "s x'"`],
  ['more after a bracket', 'a: [1] ¦x', `${lineEnd}, got "x"`],
  ['a text beside its |', 'a: | ¦text\n  more', `${lineEnd}, got "text"`],
  ['a sign that YAML reserves', 'a: ¦@x', 'expected quotes around a text that begins with @, got "@x"'],
  ['a backslash', 'a: "x¦\\q"', 'expected \\\\ for a backslash in double quotes, got "\\\\q\\""'],
  ['a comment too near', 'a: "x"¦#y', 'expected a space before the comment, got "#y"'],
])('YamlSource refuses %s', (_what, text, message) => {
  expectRefusal(text, [message]);
});

test('YamlSource reports what has no words of its own in those of the parser', () => {
  expectRefusal('a: &b ¦&c 1', ['expected YAML, got "&c 1": A node can have at most one anchor']);
});

test('YamlSource reports repeated names, until the text can no longer be understood', () => {
  expectRefusal('a: 1\n¦a: 2\n¦a: 3\nb: ¦@\na: 4\nc: @', [
    'expected each name once, got "a: 2"',
    'expected each name once, got "a: 3"',
    'expected quotes around a text that begins with @, got "@"',
  ]);
});
