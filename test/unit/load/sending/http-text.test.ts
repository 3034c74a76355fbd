import { expect, test } from 'vitest';
import { parser } from '#kit/schema/parser.ts';
import { httpText } from '#load/sending/http-text.ts';
import { OwnRequest } from '#load/sending/own-request.ts';

const parse = parser(OwnRequest);

/** Returns the text of request r7 of class slow, with 250 ms left, without its trace. */
function textOf(path: 'rpc' | 'event', request?: object, variables = {}) {
  const own = request && { request: parse(request), variables };
  const text = httpText({ path, host: 'h:1', seed: 1, ...own })('r7', 7, 250, 'slow');
  return text.replace(/^traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-00\r\n/m, '').split('\r\n');
}

test.each(['rpc', 'event'] as const)(
  'httpText writes the same with an empty request as without one, on the path %s',
  (path) => {
    const usual = textOf(path);
    expect(usual[0]).toBe(`POST ${path === 'rpc' ? '/rpc' : '/events'} HTTP/1.1`);
    expect(textOf(path, {})).toEqual(usual);
  },
);

test('httpText fills in id and variables, and counts the bytes of the body', () => {
  const request = {
    method: 'PUT',
    path: '/orders/{id}',
    headers: { authorization: 'Bearer {env:TOKEN}', 'x-order': '{id}' },
    body: '{"n":"{id}","of":"{env:NAME}"}',
  };
  const body = Buffer.from('{"n":"r7","of":"Zoë"}').toString('latin1');
  expect(textOf('rpc', request, { TOKEN: 't', NAME: 'Zoë' })).toEqual([
    'PUT /orders/r7 HTTP/1.1',
    'host: h:1',
    'content-type: application/json',
    'authorization: Bearer t',
    'x-order: r7',
    'x-class: slow',
    'x-request-id: r7',
    'x-timeout-ms: 250',
    'content-length: 22',
    '',
    body,
  ]);
});

test('httpText writes headers of the request instead of its own of the same name', () => {
  const headers = {
    'Content-Type': 'text/plain',
    'X-Request-Id': 'a-{id}',
    traceparent: 'mine',
    'x-class': 'c',
  };
  expect(textOf('rpc', { headers, body: 'x' })).toEqual([
    ...['POST /rpc HTTP/1.1', 'host: h:1', 'Content-Type: text/plain', 'X-Request-Id: a-r7'],
    ...['traceparent: mine', 'x-class: c', 'x-timeout-ms: 250', 'content-length: 1', '', 'x'],
  ]);
});

test.each([
  ['GET', []],
  ['DELETE', []],
  ['POST', ['content-length: 0']],
])('httpText writes no body and no type with %s and an empty body', (method, length) => {
  expect(textOf('rpc', { method, body: '' })).toEqual([
    ...[`${method} /rpc HTTP/1.1`, 'host: h:1', 'x-class: slow', 'x-request-id: r7', 'x-timeout-ms: 250'],
    ...[...length, '', ''],
  ]);
});

test('httpText writes no body with GET that says none', () => {
  expect(textOf('rpc', { method: 'GET' }).slice(-2)).toEqual(['', '']);
});
