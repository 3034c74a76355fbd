import { test } from 'vitest';
import { expectRefusal } from '#test/fixtures/experiment.ts';

const deeperIn = (line: number) => `, or deeper indentation in line ${line}`;
const indented = (by: string) => `expected the indentation of a line above, got ${by}`;
const deeperLine = (got: string) => `expected a value or fields below it, got "${got}" and a deeper line`;

const valueExpected = 'expected one value, got "b: c"; a text with a colon and a space in it needs quotes';

test.each<[string, string, string]>([
  ['an unclosed brace', 'a: ¦{ b: 1\nc: 2', `expected } to close this {${deeperIn(2)}`],
  ['an unclosed brace at the end', 'c: 2\na: ¦{ b: 1 # more\n', 'expected } to close this {'],
  ['a brace around lines', 'a: ¦{\n  b: { c: 1 }\n  d: 2\ne: 1', `expected } to close this {${deeperIn(4)}`],
  ['an unclosed bracket in braces', 'a: { b: ¦[1, 2 }\nc: 3', 'expected ] to close this [, got }'],
  ['the innermost of those unclosed', 'a: { b: [¦{ c: 1 ] }\nd: 3', 'expected } to close this {, got ]'],
  ['a whole in an unclosed brace', '¦{ a: 1', 'expected } to close this {'],
  ['an unclosed quote', 'a: ¦"x\nb: 1\nc: [1', 'expected another " to close this text'],
  ['a quote before another', 'a: ¦"x\nb: "y"\n', `expected another " to close this text${deeperIn(2)}`],
  ['an unclosed single quote', "a: 1\nb: ¦'\n", "expected another ' to close this text"],
  ['a brace too many', 'a: { b: 1 } ¦}\nc: 2', 'expected no }, for none is open'],
  ['a tab', 'a:\n¦\tb: 1\nc: 1', 'expected spaces as indentation, got a tab'],
  ['a line too far to the right', 'a:\n  b: [1]\n   ¦c: 2', indented('3 spaces')],
  ['a line too far to the left', 'a:\n  b: 1\n ¦c: 2', indented('1 space')],
  ['an item too far to the right', 'a:\n  - b\nc:\n  - d: 1\n   ¦e: 2', indented('3 spaces')],
  ['a bracket at the margin', 'a:\n  b: ¦[\n1]', `expected ] to close this [${deeperIn(3)}`],
  ['a name without a colon', 'a: 1\n¦b 2\nc: 3', 'expected "name: value", got "b 2"'],
  ['a colon without a space', '¦a:1\nb: 2', 'expected "name: value", got "a:1"'],
  ['a text at the end', `a: 1\n¦${'x'.repeat(50)}`, `expected "name: value", got "${'x'.repeat(39)}…"`],
  ['a colon in a text', 'a: ¦b: c', valueExpected],
  ['a line too far to the right after a text', 'a:\n  b: ¦1\n   c: 2', deeperLine('1')],
  ['a value beside fields', 'a: ¦x\n  b: 1', deeperLine('x')],
  ['a comma that is missing', 'a: { b: ¦1 c: 2 }', 'expected a comma between fields, got "1 c: 2 }"'],
  ['a comma that is missing between lines', 'a: {\n  b: ¦1\n  c: 2 }', 'expected a comma after "1"'],
  ['a comma that is missing after a brace', 'a: { b: {} ¦c: 2 }', 'expected a comma before "c: 2 }"'],
  ['a comma too many', 'a: [1, ¦, 2]', 'expected a value, got ", 2]"'],
  ['a list of hyphens in braces', 'a: { b:\n  ¦- c }', 'expected [ ] around a list within { }, got "- c }"'],
  ['more after a quote', "a: 'it'¦s x'", 'expected the end of the line after the closing quote, got "s x\'"'],
  ['more after a bracket', 'a: [1] ¦x', 'expected the end of the line, got "x"'],
  ['a text beside its |', 'a: | ¦text\n  more', 'expected the end of the line, got "text"'],
  ['a field after a list', '- a\n¦b: 1', 'expected a line like those above, got "b: 1"'],
  ['a sign that YAML reserves', 'a: ¦@x', 'expected quotes around a text that begins with @, got "@x"'],
  ['a backslash', 'a: "x¦\\q"', 'expected \\\\ for a backslash in double quotes, got \\q'],
  ['a comment too near', 'a: "x"¦#y', 'expected a space before the comment "#y"'],
  ['what hardly any write', 'a: &b ¦&c 1', 'expected YAML, got "&c 1": A node can have at most one anchor'],
])('syntaxProblems says where it is and what was expected: %s', (_what, text, message) => {
  expectRefusal(text, [message]);
});

test('syntaxProblems names all names that are there twice, until the text can no longer be understood', () => {
  const twice = 'expected each name once, got a again';
  expectRefusal('a: 1\n¦a: 2\n¦a: 3\nb: ¦@\na: 4\nc: @', [
    twice,
    twice,
    'expected quotes around a text that begins with @, got "@"',
  ]);
});
