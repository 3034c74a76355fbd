import { connect, type Socket } from 'node:net';
import type { Clock } from '#kit/clock.ts';
import { drawFor, stream } from '#kit/random.ts';
import type { Address } from './address.ts';
import { Link } from './link.ts';
import { type Stream, streams, type ToxicSpec } from './toxics/kinds.ts';

interface Parts {
  readonly clock: Clock;
  readonly seed: number;
  /** Counts bytes. */
  readonly received: (stream: Stream, bytes: number) => void;
  readonly sent: (stream: Stream, bytes: number) => void;
}

/** A client, a connection to upstream made for it, and the links between the two. */
export class Connection {
  readonly links: Readonly<Record<Stream, Link>>;
  /** Resolves when both sockets are closed. */
  readonly closed: Promise<unknown>;
  readonly #client: Socket;
  readonly #upstream: Socket;

  /** `id` decides its chance. The client must be paused; it is closed when there is no connection to be had. */
  constructor(id: string, client: Socket, address: Address, { clock, seed, received, sent }: Parts) {
    const upstream = connect({ ...address, allowHalfOpen: true, noDelay: true });
    this.#client = client;
    this.#upstream = upstream;
    const parts = (direction: Stream) => ({
      clock,
      random: (toxic: string) => stream(seed, `${id} ${toxic}`),
      // Of toxics that are one fault both ways, both or neither.
      spares: ({ name, toxicity }: ToxicSpec) =>
        toxicity < 1 && drawFor(seed, id, 1, name.replace(new RegExp(`_${direction}$`), '')) >= toxicity,
      received: (bytes: number) => received(direction, bytes),
      sent: (bytes: number) => sent(direction, bytes),
    });
    this.links = {
      upstream: new Link(client, upstream, parts('upstream')),
      downstream: new Link(upstream, client, parts('downstream')),
    };
    const sockets = [client, upstream];
    // Links hear of errors by themselves, once there are two ends to link.
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
