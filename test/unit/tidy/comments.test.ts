import { expect, test } from 'vitest';
import { headlessComments } from '#test/tidy/comments.ts';

const words = ['What', 'How', 'Whether', 'Where', 'Of', 'One', 'Those', 'As', 'Who'];
const doc = (body: string) => `/** ${body} */`;
const found = (text: string) => headlessComments('lab/x.ts', text);

test.each(words)('headlessComments names a doc or line comment that begins with %s', (word) => {
  const expected = (line: number) => [`lab/x.ts:${line}: ${word}: begin with a noun or a verb`];
  expect(found(`\n${doc(`${word} x.`)}`)).toEqual(expected(2));
  expect(found(`\n\n  /**\n   * ${word} x.\n   */`)).toEqual(expected(3));
  expect(found(`\n  // ${word} x.`)).toEqual(expected(2));
  expect(found(`f(); // ${word} x.`)).toEqual(expected(1));
});

test.each(['x.yaml', 'Dockerfile'])('headlessComments knows the comments of %s', (file) => {
  const text = '# What it is.\na: 1 # How it is.\n\n# Time of it.\n# What follows.\nb: c#Who\n';
  expect(headlessComments(file, text).map((line) => line.split(': ')[1])).toEqual(['What', 'How']);
  expect(headlessComments(file, '// What it is')).toEqual([]);
});

test('headlessComments names every such comment of a file', () => {
  expect(found('// What it is.\nlet a;\n// How it is.\n// Who it is.')).toHaveLength(2);
  expect(found(['What it is.', 'Time of it.', 'How it is.'].map(doc).join('\nlet a;\n'))).toHaveLength(2);
});

test.each([
  doc('Returns what it is.'),
  doc('Time at which it began. Whether it ended is unknown.'),
  doc('Assertions of it.'),
  doc('Offset of it.'),
  '// Returns what it is.',
  '// Time at which it began.\n// What it was is unknown.',
  "const url = 'http://What';",
  '/* What it is */',
])('headlessComments accepts %s', (text) => {
  expect(found(text)).toEqual([]);
});
