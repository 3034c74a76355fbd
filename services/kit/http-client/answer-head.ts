import { unlike } from './answer.ts';

/** Bytes of the body, or what ends it instead: its last chunk, or the end of the connection. */
export type Framing = number | 'last chunk' | 'connection';

/** Status of an answer, and those of its header fields that matter here. */
export class AnswerHead {
  readonly status: number;
  readonly #isHttp10: boolean;
  #length: string | undefined;
  #codings: string | undefined;
  #connection: string | undefined;
  #keepAlive: string | undefined;
  #attempts: string | undefined;

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
    switch (name.toLowerCase()) {
      case 'content-length':
        this.#length = listed(this.#length, value);
        break;
      case 'transfer-encoding':
        this.#codings = listed(this.#codings, value);
        break;
      case 'connection':
        this.#connection = listed(this.#connection, value);
        break;
      case 'keep-alive':
        this.#keepAlive = listed(this.#keepAlive, value);
        break;
      case 'x-attempt':
        this.#attempts = listed(this.#attempts, value);
        break;
    }
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
    if (this.#codings !== undefined) {
      if (this.#length !== undefined) throw unlike('no content-length with transfer-encoding', this.#length);
      return framingOf(this.#codings);
    }
    if (this.#length === undefined) return 'connection';
    // A list is refused even if it says the same length twice (RFC 9110, section 8.6).
    if (!/^[ \t]*\d+[ \t]*$/.test(this.#length)) throw unlike('one content-length', this.#length);
    return Number(this.#length);
  }

  get attempts(): number | undefined {
    return /^[ \t]*\d{1,7}[ \t]*$/.test(this.#attempts ?? '') ? Number(this.#attempts) : undefined;
  }

  get keepAliveMs(): number {
    const connection = this.#connection ?? '';
    if (/\bclose\b/i.test(connection)) return 0;
    // HTTP/1.0 closes the connection unless both sides have said otherwise, and always after chunks (RFC 9112, section 6.1).
    if (this.#isHttp10 && (this.#codings !== undefined || !/\bkeep-alive\b/i.test(connection))) return 0;
    const seconds = /\btimeout=(\d+)/i.exec(this.#keepAlive ?? '')?.[1];
    return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000;
  }
}

/** Tells most of the other fields apart by the length of their names, which is cheaper than to compare these. */
const mayMatter = (nameBytes: number): boolean =>
  nameBytes === 9 || nameBytes === 10 || nameBytes === 14 || nameBytes === 17;

/** Values of all fields of one name, as the list that they make (RFC 9110, section 5.3). */
const listed = (values: string | undefined, value: string): string =>
  values === undefined ? value : `${values},${value}`;

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
