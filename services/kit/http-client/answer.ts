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

/** Says what was expected, and shows the start of what came instead. */
export const unlike = (expected: string, text: string): AnswerError =>
  new AnswerError(`expected ${expected}, got ${JSON.stringify(text.slice(0, 40))}`);

/** An answer with a longer body is refused. */
export const answerBytesMax = 1024 * 1024;

/** Limit of all but the body: interim answers, head, chunk extensions and trailers together. */
export const headBytesMax = 16 * 1024;
