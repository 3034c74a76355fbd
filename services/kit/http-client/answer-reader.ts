import { type Answer, AnswerError, AnswerHead, answerBytesMax, headBytesMax, unlike } from './answer.ts';

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

  /** Keeps the start of a line. Throws AnswerError if no answer can go on like this: its end may never come. */
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
    if (head.isInterim) return this.#goTo('status line');
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
