import { describe, expect, test } from 'vitest';
import { AnswerError, answerBytesMax, readAnswer } from '#kit/http-client/answer.ts';

const ok = (headers: string, body: string) => `HTTP/1.1 200 OK\r\n${headers}\r\n\r\n${body}`;

describe('readAnswer', () => {
  test.each([
    ['a body with its length', ok('Content-Length: 5', 'hello'), { status: 200, body: 'hello' }],
    ['no body', ok('content-length:0', ''), { status: 200, body: '' }],
    ['a status without a reason', 'HTTP/1.1 503 \r\ncontent-length: 0\r\n\r\n', { status: 503 }],
    ['a status that has no body', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '' }],
    ['the attempts that were made', ok('X-Attempt: 3\r\nContent-Length: 0', ''), { attempts: 3 }],
    ['no count of attempts where the server says none', ok('content-length: 0', ''), { attempts: undefined }],
    ['that no attempt was made', ok('x-attempt: 0\r\ncontent-length: 0', ''), { attempts: 0 }],
    ['no count that is none', ok('x-attempt: 1e9\r\ncontent-length: 0', ''), { attempts: undefined }],
    ['a connection that goes on', ok('content-length: 0', ''), { keepAliveMs: Infinity }],
    [
      'how long it may be idle',
      ok('Keep-Alive: timeout=5, max=9\r\ncontent-length: 0', ''),
      { keepAliveMs: 5000 },
    ],
    ['a connection that ends', ok('Connection: close\r\ncontent-length: 0', ''), { keepAliveMs: 0 }],
    [
      'chunks',
      ok('Transfer-Encoding: chunked', '5\r\nhello\r\nA;x=y\r\n, everyone\r\n0\r\n\r\n'),
      { body: 'hello, everyone' },
    ],
    [
      'chunks with trailers',
      ok('transfer-encoding: chunked', '1\r\nx\r\n0\r\nx-t: 1\r\n\r\n'),
      { body: 'x' },
    ],
    [
      'what comes after 100 Continue, however often',
      `${'HTTP/1.1 100 Continue\r\n\r\n'.repeat(20_000)}${ok('content-length: 1', 'x')}`,
      { status: 200, body: 'x' },
    ],
  ])('reads %s', (_what, text, expected) => {
    expect(readAnswer(text)).toMatchObject(expected);
  });

  test.each([
    ['a body with its length', ok('x-attempt: 1\r\ncontent-length: 2', 'ok')],
    ['chunks', ok('transfer-encoding: chunked', '2\r\nok\r\n0\r\n\r\n')],
    ['100 Continue', `HTTP/1.1 100 Continue\r\n\r\n${ok('content-length: 2', 'ok')}`],
  ])('waits for the last byte: %s', (_what, text) => {
    for (let bytes = 0; bytes < text.length; bytes++)
      expect(readAnswer(text.slice(0, bytes))).toBeUndefined();
    expect(readAnswer(text)).toMatchObject({ status: 200, body: 'ok' });
  });

  test('a body without a length ends with the connection, and the connection with it', () => {
    const text = ok('x: y', 'all of it');
    expect(readAnswer(text)).toBeUndefined();
    expect(readAnswer(text, true)).toMatchObject({ body: 'all of it', keepAliveMs: 0 });
  });

  test.each([
    ['ends with its answer', '', 0],
    ['goes on where the server says so', 'Connection: Keep-Alive\r\nKeep-Alive: timeout=5\r\n', 5000],
  ])('the connection of an HTTP/1.0 answer %s', (_sentence, headers, keepAliveMs) => {
    const text = `HTTP/1.0 200 OK\r\n${headers}Content-Length: 2\r\n\r\nok`;
    expect(readAnswer(text)).toMatchObject({ status: 200, body: 'ok', keepAliveMs });
  });

  test('a connection that ends before its answer has none', () => {
    expect(readAnswer('', true)).toBeUndefined();
    expect(readAnswer('HTTP/1.1 200 OK\r\n', true)).toBeUndefined();
    expect(readAnswer(ok('content-length: 2', 'o'), true)).toBeUndefined();
    expect(readAnswer(ok('transfer-encoding: chunked', '2\r\no'), true)).toBeUndefined();
  });

  test.each([
    ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n\r\n', /expected an HTTP\/1.1 answer, got "SSH-2.0/],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n', /expected an HTTP\/1.1 answer/],
    ['a second answer', ok('content-length: 1', 'xHTTP/1.1 200 OK'), /expected one answer/],
    [
      'a chunk of no size',
      ok('transfer-encoding: chunked', 'x\r\n'),
      /expected the size of a chunk, got "x"/,
    ],
    ['too long an answer', ok('x: y', 'x'.repeat(answerBytesMax)), /at most 1048576 bytes/],
  ])('refuses %s', (_what, text, message) => {
    expect(() => readAnswer(text)).toThrow(AnswerError);
    expect(() => readAnswer(text)).toThrow(message);
  });
});
