import { expect, test } from 'vitest';
import { parseYaml, YamlError } from '#lab/experiment/file/yaml.ts';

test('parseYaml resolves aliases into values of their own', () => {
  const { base, copy } = parseYaml('base: &base { deep: 1 }\ncopy: *base').value as Record<string, object>;
  expect(copy).toEqual({ deep: 1 });
  expect(copy).not.toBe(base);
});

test.each<[string, string, Record<number, string>]>([
  ['a name twice', 'a: 1\na: 2', { 5: 'expected each name once, got a again' }],
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
  ['a tag', 'a: !local 1', { 3: 'expected a value without a tag, got !local' }],
  ['another document', 'a: 1\n---\nb: 1', { 5: 'expected one document in a file, got another from here on' }],
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
])('parseYaml refuses %s', (_what, text, problems) => {
  expect(problemsOf(text)).toEqual(problems);
});

function problemsOf(text: string) {
  try {
    return parseYaml(text).value;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    return Object.fromEntries(error.problems.map(({ offset, message }) => [offset, message]));
  }
}

test('parseYaml refuses endless nesting', () => {
  expect(() => parseYaml('['.repeat(20_000))).toThrow('nested too deeply');
});

test('parseYaml refuses aliases that multiply beyond bounds', () => {
  const levels = Array.from(
    { length: 12 },
    (_, i) => `l${i}: &l${i} [${Array(9).fill(i ? `*l${i - 1}` : 'x')}]`,
  );
  expect(() => parseYaml(levels.join('\n'))).toThrow('expected at most 200000 values, aliases resolved');
});
