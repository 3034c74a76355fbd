/** What a server answered to one request. */
export interface Answer {
  readonly status: number;
  /** Byte by byte (latin1): enough to look for ASCII in JSON, whatever else it holds. */
  readonly body: string;
  /** Attempts that the server made for the request, as its `x-attempt` says; undefined without one. */
  readonly attempts: number | undefined;
  /** How long the server keeps the connection for another request, as it says: 0 not at all, infinite without a word. */
  readonly keepAliveMs: number;
}

/** What came is not an answer that we understand. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
}

/** A longer answer is refused. */
export const answerBytesMax = 1024 * 1024;

/**
 * Reads the one HTTP/1.1 or HTTP/1.0 answer in all the bytes (latin1) that came since its request was sent. Undefined while it is
 * incomplete; `ended` says that no more bytes will come. Throws AnswerError.
 */
export function readAnswer(text: string, ended = false): Answer | undefined {
  if (text.length > answerBytesMax)
    throw new AnswerError(`expected an answer of at most ${answerBytesMax} bytes`);
  let head: string;
  let status: number;
  let at = 0;
  do {
    const headEnd = text.indexOf('\r\n\r\n', at);
    if (headEnd < 0) return undefined;
    head = text.slice(at, headEnd);
    status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1]);
    if (!(status >= 100))
      throw new AnswerError(`expected an HTTP/1.1 answer, got ${JSON.stringify(head.slice(0, 40))}`);
    at = headEnd + 4;
  } while (status < 200); // 100 Continue and its like precede the answer
  const rest = text.slice(at);

  const length = lengthOf(head, status);
  const body = length === undefined ? undefined : length === 'chunked' ? unchunk(rest) : cut(rest, length);
  if (length === undefined ? !ended : body === undefined) return undefined;
  return {
    status,
    body: body ?? rest,
    attempts: attemptsIn(head),
    keepAliveMs: length === undefined ? 0 : keepAliveMsOf(head),
  };
}

function attemptsIn(head: string): number | undefined {
  const attempts = /\r\nx-attempt: *(\d{1,7}) *(?:\r|$)/i.exec(head)?.[1];
  return attempts === undefined ? undefined : Number(attempts);
}

/** Bytes of the body, as of RFC 9112, section 6.3; undefined where only the end of the connection ends it. */
function lengthOf(head: string, status: number): number | 'chunked' | undefined {
  if (status === 204 || status === 304) return 0;
  if (/\r\ntransfer-encoding: *chunked/i.test(head)) return 'chunked';
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  return length === undefined ? undefined : Number(length);
}

function keepAliveMsOf(head: string): number {
  const connection = /\r\nconnection: *([^\r]*)/i.exec(head)?.[1] ?? '';
  if (/\bclose\b/i.test(connection)) return 0;
  // HTTP/1.0 closes the connection unless both sides have said otherwise.
  if (head.startsWith('HTTP/1.0') && !/\bkeep-alive\b/i.test(connection)) return 0;
  const seconds = /\r\nkeep-alive:[^\r]*timeout=(\d+)/i.exec(head)?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000;
}

function cut(rest: string, length: number): string | undefined {
  if (rest.length > length) throw new AnswerError('expected one answer to one request, got more bytes');
  return rest.length === length ? rest : undefined;
}

function unchunk(rest: string): string | undefined {
  let body = '';
  for (let at = 0; ; ) {
    const lineEnd = rest.indexOf('\r\n', at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(rest.slice(at, lineEnd), 16);
    if (!(size >= 0))
      throw new AnswerError(`expected the size of a chunk, got ${JSON.stringify(rest.slice(at, lineEnd))}`);
    if (size === 0) return rest.endsWith('\r\n\r\n') ? body : undefined; // trailers may stand in between
    body += rest.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
  }
}
