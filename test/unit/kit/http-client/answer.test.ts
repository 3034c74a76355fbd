import { fc, test as propertyTest } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import {
  type Answer,
  AnswerError,
  AnswerReader,
  answerBytesMax,
  headBytesMax,
} from '#kit/http-client/answer.ts';

const ok = (headers: string, body = '') => `HTTP/1.1 200 OK\r\n${headers}\r\n\r\n${body}`;
const chunked = (body: string) => ok('Transfer-Encoding: chunked', body);

/** Reads an answer that arrives in these pieces. Expects it to be incomplete until the last piece. */
function read(...pieces: string[]): Answer | undefined {
  const reader = new AnswerReader();
  for (const piece of pieces.slice(0, -1)) expect(reader.add(piece)).toBeUndefined();
  return reader.add(pieces.at(-1)!);
}

const valid: readonly (readonly [string, string, Partial<Answer>])[] = [
  ['a body with its length', ok('Content-Length: 5', 'hello'), { status: 200, body: 'hello' }],
  ['no body', ok('content-length:0'), { status: 200, body: '' }],
  ['a tab after the colon', ok('content-length:\t2\t', 'ok'), { body: 'ok' }],
  ['a status without a reason', 'HTTP/1.1 503 \r\ncontent-length: 0\r\n\r\n', { status: 503 }],
  ['a status line that ends early', 'HTTP/1.1 503\r\ncontent-length: 0\r\n\r\n', { status: 503 }],
  ['a status that has no body', 'HTTP/1.1 204 No Content\r\n\r\n', { status: 204, body: '' }],
  ['the attempts that were made', ok('X-Attempt: 3\r\nContent-Length: 0'), { attempts: 3 }],
  ['no count of attempts where there is none', ok('content-length: 0'), { attempts: undefined }],
  ['that no attempt was made', ok('x-attempt: 0\r\ncontent-length: 0'), { attempts: 0 }],
  ['no count that is none', ok('x-attempt: 1e9\r\ncontent-length: 0'), { attempts: undefined }],
  ['a connection that goes on', ok('content-length: 0'), { keepAliveMs: Infinity }],
  ['how long it may be idle', ok('Keep-Alive: timeout=5, max=9\r\ncontent-length: 0'), { keepAliveMs: 5000 }],
  ['a connection that ends', ok('Connection: close\r\ncontent-length: 0'), { keepAliveMs: 0 }],
  ['chunks', chunked('5\r\nhello\r\nA;x=y\r\n, everyone\r\n0\r\n\r\n'), { body: 'hello, everyone' }],
  ['chunks with trailers', chunked('1\r\nx\r\n0\r\nx-t: 1\r\nx-u:\r\n\r\n'), { body: 'x' }],
  ['line ends in chunks', chunked('8\r\n\r\n0\r\n\r\nx\r\n0\r\n\r\n'), { body: '\r\n0\r\n\r\nx' }],
  ['space before a chunk extension', chunked('1 ;x\r\na\r\n00\r\n\r\n'), { body: 'a' }],
  ['after 100', `HTTP/1.1 100 Continue\r\n\r\n${ok('content-length: 1', 'x')}`, { status: 200, body: 'x' }],
  [
    'chunks of HTTP/1.0, and closes after them',
    'HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ntransfer-encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
    { body: 'x', keepAliveMs: 0 },
  ],
];

const invalid: readonly (readonly [string, string, RegExp])[] = [
  ['another protocol', 'SSH-2.0-OpenSSH_9.9\r\n', /expected an HTTP\/1.1 answer, got "SSH-2.0/],
  ['another version', 'HTTP/2 200\r\n', /expected an HTTP\/1.1 answer/],
  ['a status of two digits', 'HTTP/1.1 20 \r\n', /expected an HTTP\/1.1 answer/],
  ['a status of four digits', 'HTTP/1.1 2000 OK\r\n', /expected an HTTP\/1.1 answer/],
  ['another protocol from now on', 'HTTP/1.1 101 Switching\r\n', /expected an HTTP\/1.1 answer/],
  ['a bare LF after the status', 'HTTP/1.1 200 OK\n', /expected an HTTP\/1.1 answer/],
  ['a bare LF after a header', 'HTTP/1.1 200 OK\r\nx: y\n', /expected the header fields, got "x: y\\n"/],
  ['a bare CR', 'HTTP/1.1 200 OK\r\nx: y\rz\r\n', /expected the header fields/],
  ['a space before a colon', ok('content-length : 2', 'ok'), /expected the header fields/],
  ['a folded header', ok('x: y\r\n z\r\ncontent-length: 2', 'ok'), /expected the header fields/],
  ['a second answer', ok('content-length: 1', 'xHTTP/1.1 200 OK'), /expected one answer/],
  ['bytes after no body', 'HTTP/1.1 204 No Content\r\n\r\nx', /expected one answer/],
  ['bytes after the last chunk', chunked('0\r\n\r\nx'), /expected one answer/],
  ['bytes after trailers', chunked('0\r\nx: y\r\n\r\n\r\n\r\n'), /expected one answer/],
  ['two lengths', ok('content-length: 2\r\ncontent-length: 3'), /expected one content-length, got " ?2, ?3"/],
  ['one length twice', ok('content-length: 2\r\ncontent-length: 2'), /expected one content-length/],
  ['a length that is none', ok('content-length: 2x9'), /expected one content-length, got " ?2x9"/],
  ['a length without digits', ok('content-length:'), /expected one content-length/],
  [
    'a length beside chunks',
    ok('content-length: 5\r\ntransfer-encoding: chunked'),
    /expected no content-length/,
  ],
  ['an unknown coding', ok('transfer-encoding: gzip, chunked'), /expected transfer-encoding: chunked/],
  ['chunks that are not the last one', ok('transfer-encoding: chunked, gzip'), /expected transfer-encoding/],
  ['a chunk of no size', chunked('x\r\n'), /expected the chunk size, got "x/],
  ['a chunk size and more', chunked('2 zz\r\n'), /expected the chunk size, got "2 zz/],
  ['a chunk without its CRLF', chunked('2\r\nokX\r\n'), /expected the end of a chunk, got "X/],
  ['half a CRLF after a chunk', chunked('2\r\nok\rX\n'), /expected the end of a chunk/],
  ['a trailer without a colon', chunked('0\r\nx\r\n'), /expected the trailer fields/],
  ['a long length', ok(`content-length: ${answerBytesMax + 1}`), /a body of at most 1048576 bytes/],
  ['a long chunk', chunked('fffffffffffffff\r\n'), /a body of at most 1048576 bytes/],
  ['a long rest', ok('x: y', 'x'.repeat(answerBytesMax + 1)), /a body of at most 1048576 bytes/],
  ['a long head', ok(`x: ${'y'.repeat(headBytesMax)}`), /a head of at most 16384 bytes/],
  ['a head without an end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(headBytesMax)}`, /a head of at most/],
  ['many interim answers', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(700), /a head of at most/],
  ['long extensions', chunked(`1;${'x'.repeat(headBytesMax)}\r\na\r\n`), /a head of at most/],
  ['long trailers', chunked(`0\r\n${'x: y\r\n'.repeat(3000)}`), /a head of at most/],
];

describe('AnswerReader', () => {
  test.each(valid)('reads %s', (_what, text, expected) => {
    expect(read(text)).toMatchObject(expected);
  });

  test.each(valid)('reads the same in any two pieces, and byte by byte: %s', (_what, text) => {
    const whole = read(text);
    for (let at = 0; at < text.length; at++) expect(read(text.slice(0, at), text.slice(at))).toEqual(whole);
    expect(read(...text)).toEqual(whole);
  });

  propertyTest.prop([
    fc.array(fc.string({ unit: fc.constantFrom('\r', '\n', '0', 'a', '\xff'), maxLength: 9 })),
    fc.boolean(),
    fc.array(fc.nat(200)),
  ])('reads the same answer however it is split', (parts, inChunks, cuts) => {
    const body = parts.join('');
    const chunks = parts
      .filter((part) => part !== '')
      .map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
    const text = inChunks
      ? chunked(`${chunks.join('')}0\r\n\r\n`)
      : ok(`content-length: ${body.length}`, body);
    const ends = [...cuts.map((cut) => cut % text.length), text.length].sort((a, b) => a - b);
    const pieces = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
    expect(read(...pieces)).toMatchObject({ status: 200, body });
  });

  test.each(invalid)('refuses %s, in one piece and byte by byte', (_what, text, message) => {
    expect(() => new AnswerReader().add(text)).toThrow(AnswerError);
    expect(() => new AnswerReader().add(text)).toThrow(message);
    const reader = new AnswerReader();
    expect(() => {
      for (let at = 0; at < text.length; at++) if (reader.add(text[at]!)) break;
      // Bytes after a complete answer: `Connection` detects them, not the reader.
      if (/expected one answer/.test(String(message))) throw new AnswerError('expected one answer');
    }).toThrow(AnswerError);
  });

  test('takes a body of the longest length in any framing, beside its head', () => {
    const body = 'x'.repeat(answerBytesMax);
    expect(read(ok(`content-length: ${body.length}`, body))?.body).toHaveLength(answerBytesMax);
    expect(read(chunked(`${'1\r\nx\r\n'.repeat(20_000)}0\r\n\r\n`))?.body).toHaveLength(20_000);
    const reader = new AnswerReader();
    expect(reader.add(ok('x: y', body))).toBeUndefined();
    expect(reader.end()?.body).toHaveLength(answerBytesMax);
  });

  test('ends with the connection', () => {
    const reader = new AnswerReader();
    expect(reader.add(ok('x: y', 'all of'))).toBeUndefined();
    expect(reader.add(' it')).toBeUndefined();
    expect(reader.end()).toMatchObject({ body: 'all of it', keepAliveMs: 0 });
  });

  test.each([
    ['ends with its answer', '', 0],
    ['goes on where the server says so', 'Connection: Keep-Alive\r\nKeep-Alive: timeout=5\r\n', 5000],
  ])('the connection of an HTTP/1.0 answer %s', (_sentence, headers, keepAliveMs) => {
    const text = `HTTP/1.0 200 OK\r\n${headers}Content-Length: 2\r\n\r\nok`;
    expect(read(text)).toMatchObject({ status: 200, body: 'ok', keepAliveMs });
  });

  test.each([
    '',
    'HTTP/1.1 200 OK\r\n',
    ok('content-length: 2', 'o'),
    chunked('2\r\no'),
    chunked('2\r\nok\r\n0\r\n'),
  ])('has no answer when the connection ends early: %j', (text) => {
    const reader = new AnswerReader();
    expect(reader.add(text)).toBeUndefined();
    expect(reader.end()).toBeUndefined();
  });
});
