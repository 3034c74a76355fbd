import { expect, test } from 'vitest';
import { concealing } from '#load/sending/conceal.ts';

test('concealing hides values as they are, in JSON and in URLs, the longest that fits', () => {
  const conceal = concealing(['A', 'B'], { A: 'abc', B: 'abc "d' })!;
  expect(conceal('abc | abc "d | abc \\"d | abc%20%22d')).toBe('{env:A} | {env:B} | {env:B} | {env:B}');
});

test('concealing is undefined if there is nothing to hide', () => {
  expect(concealing([], {})).toBeUndefined();
  expect(concealing(['A'], { A: '' })).toBeUndefined();
});

const secret = 'sec+ret/TOKEN-"9\\8&é';
const base64 = (text: string) => Buffer.from(text).toString('base64');

test.each([
  ['in JSON', JSON.stringify(secret).slice(1, -1)],
  ['in JSON with each slash escaped', JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/')],
  ['in a URL', encodeURIComponent(secret)],
  [
    'with each character escaped as in JSON',
    secret.replaceAll(/./gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`),
  ],
  ['in JSON within JSON', JSON.stringify(JSON.stringify(secret).slice(1, -1)).slice(1, -1)],
  [
    'in a URL in lower case, with its slash',
    encodeURIComponent(secret)
      .replaceAll(/%../g, (all) => all.toLowerCase())
      .replace('%2f', '/'),
  ],
  ['in base64', base64(secret)],
  ['in base64 in a URL', encodeURIComponent(base64(secret))],
  ['in base64url', Buffer.from(secret).toString('base64url')],
])('concealing hides a value %s', (_how, written) => {
  const conceal = concealing(['TOKEN'], { TOKEN: secret.replace('T', 't') });
  expect(conceal!(`no ${written}.`)).toBe(`no ${written}.`);
  expect(concealing(['TOKEN'], { TOKEN: secret })!(`no ${written}.`)).toBe('no {env:TOKEN}.');
});
