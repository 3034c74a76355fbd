export interface Answer {
  readonly status: number;
  /** In latin1: enough to look for ASCII in JSON. */
  readonly body: string;
  /** Attempts that the server made for the request, by its `x-attempt`. */
  readonly attempts: number | undefined;
  /** Time for which the server keeps the connection open, by its header; 0: it closes it, infinite: it doesn't say. */
  readonly keepAliveMs: number;
}

/** Thrown for bytes that are not a valid answer. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
}

/** Returns an error with what was expected, and the start of the text that came instead. */
const unlike = (expected: string, text: string): AnswerError =>
  new AnswerError(`expected ${expected}, got ${JSON.stringify(text.slice(0, 40))}`);

export const answerBytesMax = 1024 * 1024;

/** Limit of all but the body: interim answers, head, chunk extensions and trailers together. */
export const headBytesMax = 16 * 1024;

// RFC 9112, sections 4, 5 and 7.1, with no bare CR or LF (section 2.2), space before a colon (5.1) or folded line (5.2).
// After 101 another protocol would follow, which no request asks for.
const statusLine = /HTTP\/1\.[01] (?!101)[1-9]\d\d(?: [\t\x20-\x7e\x80-\xff]*)?\r\n/y;
const fieldLines = /(?:[\w!#$%&'*+.^`|~-]+:[\t\x20-\x7e\x80-\xff]*\r\n)+/y;
const chunkSizeLine = /[\da-f]{1,16}(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?\r\n/iy;
const emptyLine = /\r\n/y;

const crlf = '\r\n';
/** Lines of a chunk without extensions. They don't count as head, so that there may be many chunks. */
const chunkLinesBytes = 16 + 2 * crlf.length;
/** Start of the shortest status line. */
const shortest = 'HTTP/1.1 200';

/** Part of an answer that is read next. The `rest` is a body that ends with the connection. */
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
 * Reads the one HTTP/1.1 or HTTP/1.0 answer to a request, piece by piece as its bytes (latin1) arrive. Looks at each byte
 * of the body once. Throws AnswerError at the end of an invalid line, and where more bytes come than there should.
 */
export class AnswerReader {
  #state: State = 'status line';
  /** Text that is being read, and the position in it. */
  #text = '';
  #at = 0;
  /** Start of a line whose end hasn't come. */
  #line = '';
  #headBytes = 0;
  #head: AnswerHead | undefined;
  readonly #body: string[] = [];
  #bodyBytes = 0;
  /** Bytes of the body or the chunk that are still to come. */
  #left = 0;

  /** Takes the next piece. Returns the answer when it is complete. */
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

  /** Returns the answer if the end of the connection ends its body; undefined if bytes are missing. */
  end(): Answer | undefined {
    return this.#state === 'rest' ? this.#answer(0) : undefined;
  }

  #answer(keepAliveMs: number): Answer {
    const { status, attempts } = this.#head!;
    const body = this.#body.length === 1 ? this.#body[0]! : this.#body.join('');
    return { status, body, attempts, keepAliveMs };
  }

  /** Reads the next part. Returns false if its end hasn't come, and once the answer is complete. */
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
        this.#headBytes -= Math.min(this.#at - from + crlf.length, chunkLinesBytes);
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

  /** Goes past a match of the pattern, or keeps its start. Throws AnswerError if it can't match any more. */
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

  /** Keeps the start of a line. Throws AnswerError as soon as no valid answer can begin like this, since the end of the line may never come. */
  #keep(part: string): void {
    const isStart = this.#state === 'status line' && this.#line.length < shortest.length;
    this.#line += part;
    if (this.#headBytes + this.#line.length > headBytesMax) throw headTooLong();
    if (isStart && !startsAnswer(this.#line)) throw this.#invalid(this.#line);
    if (this.#state === 'end of a chunk' && !crlf.startsWith(this.#line)) throw this.#invalid(this.#line);
  }

  #invalid(line: string): AnswerError {
    return unlike(this.#state === 'status line' ? 'an HTTP/1.1 answer' : `the ${this.#state}`, line);
  }

  #endHead(head: AnswerHead): true {
    // An interim answer: another head follows (RFC 9110, section 15.2).
    if (head.status < 200) return this.#goTo('status line');
    const { framing } = head;
    if (framing === 'last chunk') return this.#goTo('chunk size');
    if (framing !== 'connection') return this.#expect(framing, 'body', 'complete');
    this.#left = answerBytesMax + 1;
    return this.#goTo('rest');
  }

  /** Goes to `some` if bytes of the body follow, and otherwise to `none`. */
  #expect(bytes: number, some: State, none: State): true {
    this.#bodyBytes += bytes;
    if (this.#bodyBytes > answerBytesMax) throw tooLong();
    this.#left = bytes;
    return this.#goTo(bytes > 0 ? some : none);
  }
}

/** True if an answer may begin so. */
function startsAnswer(start: string): boolean {
  statusLine.lastIndex = 0;
  return statusLine.test(start.slice(0, shortest.length) + shortest.slice(start.length) + crlf);
}

const tooLong = () => new AnswerError(`expected a body of at most ${answerBytesMax} bytes`);
const headTooLong = () => new AnswerError(`expected a head of at most ${headBytesMax} bytes`);

/** Bytes of the body, or what ends it instead: its last chunk, or the end of the connection. */
type Framing = number | 'last chunk' | 'connection';

/** Header fields that decide how an answer goes on. */
type Field = 'content-length' | 'transfer-encoding' | 'connection' | 'keep-alive' | 'x-attempt';

/** Status and relevant header fields of an answer. */
class AnswerHead {
  readonly status: number;
  readonly #isHttp10: boolean;
  /** Values by name; those of all lines with one name are a list (RFC 9110, section 5.3). */
  readonly #fields: Record<Field, string | undefined> = {
    'content-length': undefined,
    'transfer-encoding': undefined,
    connection: undefined,
    'keep-alive': undefined,
    'x-attempt': undefined,
  };

  /** Takes a valid status line. */
  constructor(line: string) {
    this.status = Number(line.slice(9, 12));
    this.#isHttp10 = line.startsWith('HTTP/1.0');
  }

  /** Adds the valid header lines between two positions of a text. */
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
   * The end of the body, by RFC 9112, section 6.3, whose rules for HEAD and CONNECT are missing: neither is ever sent.
   * Throws AnswerError where it is not clear.
   */
  get framing(): Framing {
    if (this.status === 204 || this.status === 304) return 0;
    const { 'content-length': length, 'transfer-encoding': codings } = this.#fields;
    if (codings !== undefined) {
      if (length !== undefined) throw unlike('no content-length with transfer-encoding', length);
      return framingOf(codings);
    }
    if (length === undefined) return 'connection';
    // A list is refused even if it says the same length twice (RFC 9110, section 8.6).
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
    // HTTP/1.0 closes the connection unless both sides have said otherwise, and always after chunks (RFC 9112, section 6.1).
    if (this.#isHttp10 && (codings !== undefined || !/\bkeep-alive\b/i.test(connection))) return 0;
    const seconds = /\btimeout=(\d+)/i.exec(keepAlive)?.[1];
    return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000;
  }
}

/** True if a relevant field has a name of this length, which is cheaper than to compare names. */
const mayMatter = (nameBytes: number): boolean =>
  nameBytes === 9 || nameBytes === 10 || nameBytes === 14 || nameBytes === 17;

/** `identity` changes nothing. RFC 9112 no longer has it, but some servers do. */
function framingOf(codings: string): Framing {
  const others = codings
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== 'identity');
  if (others.length === 0) return 'connection';
  if (others.length > 1 || others[0] !== 'chunked') throw unlike('transfer-encoding: chunked', codings);
  return 'last chunk';
}
