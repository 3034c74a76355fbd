import { connect, type Socket } from 'node:net';
import type { Clock } from '#kit/clock.ts';
import { drawFor, stream } from '#kit/random.ts';
import type { Address } from './address.ts';
import { Link, type LinkParts } from './link.ts';
import type { ToxicSpec } from './toxics/kinds.ts';
import { type Stream, streams } from './toxics/toxic.ts';

interface ConnectionParts {
  readonly clock: Clock;
  readonly seed: number;
  readonly counters: (stream: Stream) => Pick<LinkParts, 'received' | 'sent'>;
}

/** A client, its connection to upstream, and the links between them. */
export class Connection {
  readonly links: Readonly<Record<Stream, Link>>;
  /** Resolves when both sockets are closed. */
  readonly closed: Promise<unknown>;
  readonly #client: Socket;
  readonly #upstream: Socket;

  /** `id` decides its draws. The client must be paused; it is closed if upstream can't be reached. */
  constructor(id: string, client: Socket, address: Address, { clock, seed, counters }: ConnectionParts) {
    const upstream = connect({ ...address, allowHalfOpen: true, noDelay: true });
    this.#client = client;
    this.#upstream = upstream;
    const parts = (direction: Stream) => ({
      clock,
      random: (toxic: string) => stream(seed, `${id} ${toxic}`),
      // Draws once for the toxics of one fault in both directions.
      spares: ({ name, toxicity }: ToxicSpec) =>
        toxicity < 1 && drawFor(seed, id, 1, name.replace(new RegExp(`_${direction}$`), '')) >= toxicity,
      ...counters(direction),
    });
    this.links = {
      upstream: new Link(client, upstream, parts('upstream')),
      downstream: new Link(upstream, client, parts('downstream')),
    };
    const sockets = [client, upstream];
    // Links listen for errors themselves once both ends are connected.
    for (const socket of sockets) socket.on('error', () => undefined);
    const either = () => this.destroy();
    for (const socket of sockets) socket.once('close', either);
    upstream.once('connect', () => {
      for (const socket of sockets) socket.off('close', either);
      for (const direction of streams) this.links[direction].start();
    });
    this.closed = Promise.all(
      sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    ).then(() => {
      for (const direction of streams) this.links[direction].stop();
    });
  }

  destroy(): void {
    this.#client.destroy();
    this.#upstream.destroy();
  }
}
