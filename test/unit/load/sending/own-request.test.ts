import { expect, test } from 'vitest';
import { parser } from '#kit/schema/parser.ts';
import { OwnRequest, requestProblems, variableProblems, variablesOf } from '#load/sending/own-request.ts';

const parse = parser(OwnRequest);
const headers = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, '1']));

test('requestProblems finds none in a request with all that is allowed', () => {
  const request = parse({
    method: 'PUT',
    path: '/orders/{id}?key={env:KEY}',
    headers: { ...headers(49), authorization: 'Bearer {env:TOKEN}' },
    body: '{"query":"{ user }","id":"{id}","é":"ü"}',
    success: [201],
  });
  expect(requestProblems(request)).toEqual([]);
  expect(variablesOf(request)).toEqual(['KEY', 'TOKEN']);
  expect(requestProblems(parse({}))).toEqual([]);
  expect(requestProblems(parse({ method: 'GET', body: '' }))).toEqual([]);
});

const byEnvironment = /^expected the secret from the environment, as in \{env:NAME\}/;

test.each<[string, object, string, string | RegExp]>([
  ['a path without a slash', { path: 'orders' }, '/path', /^expected a path that begins with \//],
  ['a path with a space', { path: '/a b' }, '/path', /write others as in %20/],
  ['a path with a fragment', { path: '/a#b' }, '/path', /without #/],
  ['a path with a line break', { path: '/a\r\nx: y' }, '/path', /only visible ASCII/],
  [
    'an unknown placeholder',
    { path: '/{order}' },
    '/path',
    /^unknown placeholder \{order\}, expected \{id\} or/,
  ],
  ['one in a header', { headers: { x: '{index}' } }, '/headers/x', /^unknown placeholder \{index\}/],
  ['one in the body', { body: '{index}' }, '/body', /^unknown placeholder \{index\}/],
  [
    'a header that is no name',
    { headers: { 'a/b c': '1' } },
    '/headers/a~1b c',
    /^expected the name of a header/,
  ],
  [
    'a header with a line break',
    { headers: { x: '1\r\ny: 2' } },
    '/headers/x',
    /^expected only printable ASCII/,
  ],
  ['host', { headers: { Host: 'x' } }, '/headers/Host', 'expected no host: it is set by the URL'],
  ['a length', { headers: { 'content-length': '1' } }, '/headers/content-length', /set by the body$/],
  ['a header twice', { headers: { 'x-a': '1', 'X-A': '2' } }, '/headers/X-A', /^expected each header once/],
  ['51 headers', { headers: headers(51) }, '/headers', 'expected at most 50 headers, got 51'],
  ['a secret', { headers: { Authorization: 'Bearer x' } }, '/headers/Authorization', byEnvironment],
  ['a cookie', { headers: { cookie: 'a={id}' } }, '/headers/cookie', byEnvironment],
  ['a body of GET', { method: 'GET', body: 'x' }, '/body', 'expected none with the method GET'],
])('requestProblems refuses %s', (_what, request, pointer, message) => {
  expect(requestProblems(parse(request))).toEqual([
    { pointer, message: message instanceof RegExp ? expect.stringMatching(message) : message },
  ]);
});

test.each([
  [{ method: 'HEAD' }, '/method'],
  [{ success: [199] }, '/success/0'],
  [{ success: [300] }, '/success/0'],
  [{ body: 'x'.repeat(100_001) }, '/body'],
])('OwnRequest refuses %o', (request, pointer) => {
  expect(() => parse(request)).toThrow(pointer);
});

const request = parse({
  path: '/{env:KEY}',
  headers: { authorization: 'Bearer {env:TOKEN}' },
  body: '{env:TEXT}',
});

test('variableProblems finds none in values that can be sent', () => {
  const most = { KEY: 'k%20y', TOKEN: 'a b', TEXT: 'ä\n' };
  expect(variableProblems(request, most)).toEqual([]);
  expect(variableProblems(request, { ...most, TEXT: 'x'.repeat(8192) })).toEqual([]);
});

test('variableProblems names each variable that is not set, empty, too long or unfit, and shows no value', () => {
  const at = { path: '/path', header: '/headers/authorization', body: '/body' };
  const some = { KEY: 'k y', TOKEN: '' };
  expect(variableProblems(request, some)).toEqual([
    {
      pointer: at.path,
      message: expect.stringMatching(/^the environment variable KEY has a value that can't be/),
    },
    { pointer: at.header, message: 'the environment variable TOKEN is empty' },
    { pointer: at.body, message: 'the environment variable TEXT is not set' },
  ]);
  const others = { KEY: 'k', TOKEN: 'se\ncret', TEXT: 'x'.repeat(8193) };
  const found = variableProblems(request, others);
  expect(found.map(({ pointer }) => pointer)).toEqual([at.header, at.body]);
  expect(JSON.stringify(found)).not.toMatch(/cret|xx/);
});
