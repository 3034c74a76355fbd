import type { Answer } from '#kit/http/problem.ts';

export interface CallerConnection {
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** Reply to one caller, independent of the transport. Exactly one method is called, once. */
export interface Reply {
  send(answer: Answer): void;
  /**
   * Sends the headers of an answer, and returns functions that send its body in pieces. Calls `closed` when the
   * connection has closed.
   */
  begin(answer: Answer, closed: () => void): { write(piece: string): void; end(piece: string): void };
  /** Sends the first half of the body and ends the connection. */
  breakOff(answer: Answer): void;
  reset(): void;
  /** Sends nothing, and returns the caller's connection, which stays open. */
  hold(): CallerConnection;
}

/** Sends an answer to the caller, or withholds it. */
export type Deliver = (reply: Reply, answer: Answer) => void;

export const completed = (id: string, duplicate: boolean): Answer => ({
  status: 200,
  contentType: 'application/json',
  body: `{"id":"${id}","duplicate":${duplicate}}`,
});
