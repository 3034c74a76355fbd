import type { Answer } from '#kit/http/problem.ts';

export interface CallerConnection {
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

/** Reply to one caller, independent of the transport. Exactly one method is called, once. */
export interface Reply {
  send(answer: Answer): void;
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
