import { expect, test } from 'vitest';
import { brokenLinks, unknownScripts } from '#test/tidy/prose.ts';

const tree = new Map([
  ['docs/guide.md', '# Guide\n\n## How to, in `5` minutes'],
  ['docs/picture.png', ''],
]);
const links = (text: string) => brokenLinks('docs/x.md', text, (path) => tree.get(path));

test.each([
  '[a](https://example.org/x#y)',
  '[a](guide.md)',
  '[a](./guide.md#guide)',
  '![a](picture.png "title")',
  '# Here\n[a](#here)',
  '`[a](nowhere.md)`',
  '```\n[a](nowhere.md)\n```',
])('brokenLinks accepts %s', (text) => {
  expect(links(text)).toEqual([]);
});

test('brokenLinks names a missing file with its line', () => {
  expect(links('\n[a](nowhere.md)')).toEqual(['docs/x.md:2: nowhere.md: no such file']);
});

test('brokenLinks names a missing heading', () => {
  expect(links('[a](guide.md#other)')).toEqual(['docs/x.md:1: guide.md#other: no such heading']);
  expect(links('[a](#other)')).toEqual(['docs/x.md:1: #other: no such heading']);
});

test('brokenLinks follows reference links', () => {
  expect(links('[a]: nowhere.md')).toEqual(['docs/x.md:1: nowhere.md: no such file']);
});

test('unknownScripts names what package.json does not have', () => {
  const known = new Set(['demo', 'test']);
  expect(unknownScripts('x.md', '`npm run demo`, npm test', known)).toEqual([]);
  expect(unknownScripts('x.md', '`npm run nothing`', known)).toEqual([
    'x.md:1: npm run nothing: no such script',
  ]);
});
