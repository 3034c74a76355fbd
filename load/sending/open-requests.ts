import { Bag } from '#kit/bag.ts';
import type { Request } from './request.ts';

export class OpenRequests<M> {
  readonly #all = new Bag<'position', Request<M>>('position');
  readonly #byId: Map<string, Request<M>> | undefined;

  /** With `byId`, `get` finds requests. */
  constructor({ byId }: { readonly byId: boolean }) {
    this.#byId = byId ? new Map() : undefined;
  }

  get size(): number {
    return this.#all.size;
  }

  get(id: string): Request<M> | undefined {
    return this.#byId?.get(id);
  }

  add(request: Request<M>): void {
    this.#all.add(request);
    this.#byId?.set(request.id, request);
  }

  remove(request: Request<M>): void {
    this.#all.remove(request);
    this.#byId?.delete(request.id);
  }

  /** Returns the requests in the order in which they were sent. */
  inOrder(): Request<M>[] {
    return this.#all.items().sort((a, b) => a.index - b.index);
  }
}
