import { greetingMs, pings, reconnect } from '#kit/broker/connect.ts';
import type { Clock, Timer } from '#kit/clock.ts';
import type { SimulatedSocket } from '#lab/world/simulated/network.ts';
import type { Party } from '#lab/world/simulated/process.ts';
import type { HopParts } from '#lab/world/simulated/proxied-hop.ts';
import type { Session, Way } from './session.ts';

/** Serves the broker at its address, for clients that come through a proxy. It greets each client. */
export function serveBroker({ network, upstream, server }: HopParts): void {
  network.serve(upstream, {
    listener: server,
    accept(socket) {
      const party = server.party!;
      party.opened(socket, 'socket');
      socket.read(() => party.closed(socket, 'socket'));
      socket.send((client) => client.emit('greeting', party));
    },
  });
}

/** Connection of a client to the broker through a proxy. It reconnects, with the times of the client library. */
export class Tunnel implements Way {
  readonly #parts: HopParts;
  readonly #session: Session;
  readonly #clock: Clock;
  #client: SimulatedSocket;
  /** The broker's end, once the client has logged in. */
  #server: SimulatedSocket | undefined;
  #isUp = false;
  #isOver = false;
  #unanswered = 0;
  #timer: Timer;

  /** `clock` is the client's. */
  constructor(parts: HopParts, session: Session, clock: Clock) {
    this.#parts = parts;
    this.#session = session;
    this.#clock = clock;
    this.#client = this.#connect();
  }

  toServer(act: () => void): void {
    if (this.#isUp) this.#send(this.#client, act);
  }

  toClient(act: () => void): void {
    if (this.#server) this.#send(this.#server, act);
  }

  close(): void {
    this.#isOver = true;
    this.#client.destroy();
  }

  #connect(): SimulatedSocket {
    const { network, proxy } = this.#parts;
    const clock = this.#clock;
    const socket = network.connect(proxy);
    clock.cancel(this.#timer);
    this.#timer = clock.after(greetingMs, () => socket.destroy());
    socket.once('greeting', (party: Party) => this.#logIn(socket, party));
    socket.read(() => {
      if (this.#isUp) this.#session.lost();
      this.#isUp = false;
      clock.cancel(this.#timer);
      if (this.#isOver) return;
      this.#timer = clock.after(reconnect.waitMs + reconnect.jitterMs / 2, () => {
        this.#client = this.#connect();
      });
    });
    return socket;
  }

  /** Logs in. The broker's answer completes the connection. */
  #logIn(client: SimulatedSocket, party: Party): void {
    this.#send(client, (server) => {
      this.#server = server;
      server.once('close', () => {
        if (this.#server === server) this.#server = undefined;
        this.#session.hungUp(party);
      });
      this.#send(server, () => {
        this.#isUp = true;
        this.#ping();
        this.#session.back(party);
      });
    });
  }

  /** Pings the broker, and gives up the connection if it doesn't answer. */
  #ping(): void {
    const clock = this.#clock;
    clock.cancel(this.#timer);
    this.#unanswered = 0;
    const next = () => {
      if (this.#unanswered === pings.unansweredMax) return this.#client.destroy();
      this.#unanswered += 1;
      this.toServer(() =>
        this.toClient(() => {
          this.#unanswered = 0;
        }),
      );
      this.#timer = clock.after(pings.everyMs, next);
    };
    this.#timer = clock.after(pings.everyMs, next);
  }

  #send(socket: SimulatedSocket, arrived: (at: SimulatedSocket) => void): void {
    this.#parts.delay(() => socket.send(arrived));
  }
}
