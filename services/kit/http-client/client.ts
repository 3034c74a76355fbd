/** A request, as it is posted to a path. */
export interface Post {
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** Receives the end of a request: one of the two, once, unless it is given up before. */
export interface Ended {
  answered(status: number, body: string): void;
  /** No answer will come. */
  broken(reason: Error): void;
}

/** Sends requests to one origin. */
export interface HttpClient {
  /** Returns a function that gives the request up, also while it still connects. */
  post(post: Post, ended: Ended): () => void;
  /** Resolves with any answer. Rejects with the reason why there is none, or with the signal's when it aborts. */
  probe(signal: AbortSignal): Promise<void>;
  /** Closes after the requests under way have ended. */
  close(): Promise<void>;
  destroy(): Promise<void>;
}
