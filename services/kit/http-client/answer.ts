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
export const unlike = (expected: string, text: string): AnswerError =>
  new AnswerError(`expected ${expected}, got ${JSON.stringify(text.slice(0, 40))}`);

export const answerBytesMax = 1024 * 1024;

/** Limit of all but the body: interim answers, head, chunk extensions and trailers together. */
export const headBytesMax = 16 * 1024;

/** Bytes of the body, or what ends it instead: its last chunk, or the end of the connection. */
export type Framing = number | 'last chunk' | 'connection';

/** Header fields that decide how an answer goes on. */
type Field = 'content-length' | 'transfer-encoding' | 'connection' | 'keep-alive' | 'x-attempt';

/** Status and relevant header fields of an answer. */
export class AnswerHead {
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

  /** True if another head follows (RFC 9110, section 15.2). */
  get isInterim(): boolean {
    return this.status < 200;
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
