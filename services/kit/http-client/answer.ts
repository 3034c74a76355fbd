export interface Answer {
  readonly status: number;
  /** Bytes of the body, decoded as latin1. */
  readonly body: string;
  /** Number of attempts that the server made for the request, from its header `x-attempt`. */
  readonly attempts: number | undefined;
  /** Time for which the server keeps the idle connection open. 0: not at all. Infinite: the server doesn't say. */
  readonly keepAliveMs: number;
}

/** Thrown for bytes that are not a valid HTTP answer. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
}

/** Returns an error that says what was expected, and how the received text starts. */
const unlike = (expected: string, text: string): AnswerError =>
  new AnswerError(`expected ${expected}, got ${JSON.stringify(text.slice(0, 40))}`);

export const answerBytesMax = 1024 * 1024;

/** Limit on the bytes of interim answers and head together, and on those between two chunks or after the last. */
export const headBytesMax = 16 * 1024;

// Grammar of RFC 9112, sections 4, 5 and 7.1. Not allowed: a CR or LF alone (section 2.2), a space before a colon
// (5.1), folded lines (5.2), and status 101, since no request asks to switch protocols.
const statusLine = /HTTP\/1\.[01] (?!101)[1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?\r\n/y;
const fieldLines = /(?:[\w!#$%&'*+.^`|~-]+:[\t\x20-\x7e\x80-\xff]*\r\n)+/y;
const chunkSizeLine = /[\da-f]{1,16}(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n/iy;
const emptyLine = /\r\n/y;

/** Part of the answer that is read next. `rest` is a body that lasts until the connection ends. */
type State =
  | 'status line'
  | 'header fields'
  | 'body'
  | 'rest'
  | 'chunk size'
  | 'chunk'
  | 'end of a chunk'
  | 'trailer fields'
  | 'complete';

/**
 * Parser for a single HTTP/1.1 or HTTP/1.0 answer that arrives in pieces (latin1). It reads each byte of the body only
 * once. Throws AnswerError at the end of an invalid line, and for bytes after the answer.
 */
export class AnswerReader {
  #state: State = 'status line';
  /** Text that is being read. `#at` is the position in it. */
  #text = '';
  #at = 0;
  /** Start of an incomplete line. */
  #line = '';
  #headBytes = 0;
  #head: AnswerHead | undefined;
  readonly #body: string[] = [];
  #bodyBytes = 0;
  /** Number of bytes of the body or the chunk that are still to come. */
  #left = 0;

  /** Adds a piece of the answer. Returns the answer when it is complete, otherwise undefined. */
  add(text: string): Answer | undefined {
    if (this.#line !== '' && !text.includes('\n')) {
      this.#keep(text);
      return undefined;
    }
    this.#text = this.#line + text;
    this.#at = 0;
    this.#line = '';
    while (this.#read());
    if (this.#state !== 'complete') return undefined;
    if (this.#at < this.#text.length)
      throw new AnswerError('expected one answer to one request, got more bytes');
    return this.#answer(this.#head!.keepAliveMs);
  }

  /** Ends the answer with its connection. Returns it if its body lasts until then; undefined if bytes are missing. */
  end(): Answer | undefined {
    return this.#state === 'rest' ? this.#answer(0) : undefined;
  }

  #answer(keepAliveMs: number): Answer {
    const { status, attempts } = this.#head!;
    const body = this.#body.length === 1 ? this.#body[0]! : this.#body.join('');
    return { status, body, attempts, keepAliveMs };
  }

  /** Reads the next part. Returns false if more bytes are needed, or the answer is complete. */
  #read(): boolean {
    const from = this.#at;
    switch (this.#state) {
      case 'status line':
        if (!this.#finds(statusLine)) return false;
        this.#head = new AnswerHead(this.#text.slice(from, this.#at));
        return this.#goTo('header fields');
      case 'header fields':
        if (this.#text[from] === '\r') return this.#finds(emptyLine) && this.#endHead(this.#head!);
        if (!this.#finds(fieldLines)) return false;
        this.#head!.add(this.#text, from, this.#at);
        return true;
      case 'body':
        return this.#readBody('complete');
      case 'rest':
        if (this.#readBody('complete')) throw tooLong();
        return false;
      case 'chunk size':
        if (!this.#finds(chunkSizeLine)) return false;
        this.#headBytes = 0;
        return this.#expect(Number.parseInt(this.#text.slice(from, this.#at), 16), 'chunk', 'trailer fields');
      case 'chunk':
        return this.#readBody('end of a chunk');
      case 'end of a chunk':
        return this.#finds(emptyLine) && this.#goTo('chunk size');
      case 'trailer fields':
        if (this.#text[from] !== '\r') return this.#finds(fieldLines);
        return this.#finds(emptyLine) && this.#goTo('complete');
      case 'complete':
        return false;
    }
  }

  #readBody(next: State): boolean {
    const part = this.#text.slice(this.#at, this.#at + this.#left);
    this.#at += part.length;
    this.#left -= part.length;
    this.#body.push(part);
    if (this.#left > 0) return false;
    return this.#goTo(next);
  }

  #goTo(state: State): true {
    this.#state = state;
    return true;
  }

  /** Moves past a match and returns true. Keeps an incomplete line. Throws AnswerError if a line doesn't match. */
  #finds(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) {
      const start = this.#text.slice(this.#at);
      if (start.includes('\n')) throw this.#invalid(start);
      this.#keep(start);
      return false;
    }
    this.#headBytes += pattern.lastIndex - this.#at;
    if (this.#headBytes > headBytesMax) throw headTooLong();
    this.#at = pattern.lastIndex;
    return true;
  }

  #keep(part: string): void {
    this.#line += part;
    if (this.#headBytes + this.#line.length > headBytesMax) throw headTooLong();
  }

  #invalid(line: string): AnswerError {
    return unlike(this.#state === 'status line' ? 'an HTTP/1.1 answer' : `the ${this.#state}`, line);
  }

  #endHead(head: AnswerHead): true {
    // An interim answer is followed by another head (RFC 9110, section 15.2).
    if (head.status < 200) return this.#goTo('status line');
    const { framing } = head;
    if (framing === 'last chunk') return this.#goTo('chunk size');
    if (framing !== 'connection') return this.#expect(framing, 'body', 'complete');
    this.#left = answerBytesMax + 1;
    return this.#goTo('rest');
  }

  /** Expects `bytes` more bytes of the body in the state `some`. If `bytes` is 0, goes to the state `none`. */
  #expect(bytes: number, some: State, none: State): true {
    this.#bodyBytes += bytes;
    if (this.#bodyBytes > answerBytesMax) throw tooLong();
    this.#left = bytes;
    return this.#goTo(bytes > 0 ? some : none);
  }
}

const tooLong = () => new AnswerError(`expected a body of at most ${answerBytesMax} bytes`);
const headTooLong = () => new AnswerError(`expected a head of at most ${headBytesMax} bytes`);

/** Length of the body in bytes. If it is unknown, what marks the end of the body. */
type Framing = number | 'last chunk' | 'connection';

type Field = 'content-length' | 'transfer-encoding' | 'connection' | 'keep-alive' | 'x-attempt';

/** Status and relevant header fields of an answer. */
class AnswerHead {
  readonly status: number;
  readonly #isHttp10: boolean;
  /** Values by field name. If a field is repeated, its values are joined with commas (RFC 9110, section 5.3). */
  readonly #fields: Record<Field, string | undefined> = {
    'content-length': undefined,
    'transfer-encoding': undefined,
    connection: undefined,
    'keep-alive': undefined,
    'x-attempt': undefined,
  };

  /** `line` must be a valid status line. */
  constructor(line: string) {
    this.status = Number(line.slice(9, 12));
    this.#isHttp10 = line.startsWith('HTTP/1.0');
  }

  /** Adds the header lines of a text from one position to another. The lines must be valid. */
  add(text: string, from: number, to: number): void {
    for (let at = from; at < to; ) {
      const colon = text.indexOf(':', at);
      const lineFeed = text.indexOf('\n', colon);
      if (mayMatter(colon - at)) this.#add(text.slice(at, colon), text.slice(colon + 1, lineFeed - 1));
      at = lineFeed + 1;
    }
  }

  #add(name: string, value: string): void {
    const field = name.toLowerCase() as Field;
    if (!Object.hasOwn(this.#fields, field)) return;
    const before = this.#fields[field];
    this.#fields[field] = before === undefined ? value : `${before},${value}`;
  }

  /**
   * End of the body by RFC 9112, section 6.3. The rules for HEAD and CONNECT are left out, since the client never sends
   * these. Throws AnswerError if the header fields are ambiguous.
   */
  get framing(): Framing {
    if (this.status === 204 || this.status === 304) return 0;
    const { 'content-length': length, 'transfer-encoding': codings } = this.#fields;
    if (codings !== undefined) {
      if (length !== undefined) throw unlike('no content-length with transfer-encoding', length);
      if (codings.trim().toLowerCase() !== 'chunked') throw unlike('transfer-encoding: chunked', codings);
      return 'last chunk';
    }
    if (length === undefined) return 'connection';
    // A repeated length is refused even if the values are equal. RFC 9110, section 8.6, allows this refusal.
    if (!/^[ \t]*\d+[ \t]*$/.test(length)) throw unlike('one content-length', length);
    return Number(length);
  }

  get attempts(): number | undefined {
    const attempts = this.#fields['x-attempt'] ?? '';
    return /^[ \t]*\d{1,7}[ \t]*$/.test(attempts) ? Number(attempts) : undefined;
  }

  get keepAliveMs(): number {
    const { connection = '', 'keep-alive': keepAlive = '', 'transfer-encoding': codings } = this.#fields;
    if (/\bclose\b/i.test(connection)) return 0;
    // An HTTP/1.0 server closes the connection unless it sends `keep-alive`, and always after chunks (RFC 9112, section
    // 6.1).
    if (this.#isHttp10 && (codings !== undefined || !/\bkeep-alive\b/i.test(connection))) return 0;
    const seconds = /\btimeout=(\d+)/i.exec(keepAlive)?.[1];
    return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000;
  }
}

/** True if a name of this length may be in `Field`. Comparing lengths is cheaper than comparing names. */
const mayMatter = (nameBytes: number): boolean =>
  nameBytes === 9 || nameBytes === 10 || nameBytes === 14 || nameBytes === 17;
