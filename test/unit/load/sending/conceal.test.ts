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
const everyChar = (form: (char: string) => string) => Array.from(secret, form).join('');
const hex = (char: string, digits: number) => char.charCodeAt(0).toString(16).padStart(digits, '0');
const base64 = (text: string) => Buffer.from(text).toString('base64');

test.each([
  ['in JSON', JSON.stringify(secret).slice(1, -1)],
  ['in JSON with each slash escaped', JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/')],
  ['in JSON within JSON', JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
  ['as escapes of four digits', everyChar((char) => `\\u${hex(char, 4).toUpperCase()}`)],
  ['as escapes of two digits', everyChar((char) => `\\x${hex(char, 2)}`)],
  ['in a URL', encodeURIComponent(secret)],
  ['in a URL within a URL', encodeURIComponent(encodeURIComponent(secret))],
  ['partly as in a URL', secret.replace('+', '%2B').replace('/', '%2f')],
  ['in base64', base64(secret)],
  ['in base64 in a URL', encodeURIComponent(base64(secret))],
  ['in base64url', Buffer.from(secret).toString('base64url')],
])('concealing hides a value %s', (_how, written) => {
  const conceal = concealing(['TOKEN'], { TOKEN: secret.replace('T', 't') });
  expect(conceal!(`no ${written}.`)).toBe(`no ${written}.`);
  expect(concealing(['TOKEN'], { TOKEN: secret })!(`no ${written}.`)).toBe('no {env:TOKEN}.');
});

test.each(['', '1', '12', '123'])('concealing hides a value after %j in a text in base64', (before) => {
  const inner = base64('-the-secret-').slice(4, -4);
  const conceal = concealing(['A'], { A: 'the-secret' })!;
  expect(conceal(base64(`${before}the-secret and more`))).toMatch(/^.{0,6}\{env:A\}/);
  expect(conceal(base64(`${before}the-secret and more`))).not.toContain(inner);
});

test('concealing hides a value behind a character that could begin an escape', () => {
  const conceal = concealing(['A'], { A: 'nab%' })!;
  expect(conceal('C:\\nab% %nab%25')).toBe('C:{env:A} %{env:A}');
});

test('concealing hides a space that a form writes as a plus', () => {
  expect(concealing(['A'], { A: 'a b\nc' })!('a+b\\nc a%20b%0Ac')).toBe('{env:A} {env:A}');
});
