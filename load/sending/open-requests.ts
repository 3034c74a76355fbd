import type { Request } from './request.ts';

/**
 * Requests that have not ended, in an array, where a removed request leaves its place to the last. A Map would discard
 * tables all the time. Each of them keeps its requests, and the next table, alive through minor garbage collections.
 */
export class OpenRequests<M> {
  readonly #all: Request<M>[] = [];
  readonly #byId: Map<string, Request<M>> | undefined;

  /** With `byId`, `get` finds requests. */
  constructor({ byId }: { readonly byId: boolean }) {
    this.#byId = byId ? new Map() : undefined;
  }

  get size(): number {
    return this.#all.length;
  }

  get(id: string): Request<M> | undefined {
    return this.#byId?.get(id);
  }

  add(request: Request<M>): void {
    request.position = this.#all.length;
    this.#all.push(request);
    this.#byId?.set(request.id, request);
  }

  /** Removes a request, unless it was removed before. */
  remove(request: Request<M>): void {
    const { position } = request;
    if (position === undefined) return;
    request.position = undefined;
    const last = this.#all.pop()!;
    if (last !== request) {
      this.#all[position] = last;
      last.position = position;
    }
    this.#byId?.delete(request.id);
  }

  /** Returns the requests in the order in which they were sent. */
  inOrder(): Request<M>[] {
    return this.#all.toSorted((a, b) => a.index - b.index);
  }
}
