import { greetingMs, pings, reconnect } from '#kit/broker/connect.ts';
import type { Clock, Timer } from '#kit/clock.ts';
import type { Address } from '#kit/urls.ts';
import { Frames } from '#lab/testbed/simulated/frames.ts';
import type { Delay } from '#lab/testbed/simulated/hop.ts';
import type { SimulatedNetwork, SimulatedSocket } from '#lab/testbed/simulated/network.ts';
import type { Listener, Party } from '#lab/testbed/simulated/process.ts';
import type { Session, Way } from './session.ts';

interface HopParts {
  readonly network: SimulatedNetwork;
  readonly proxy: Address;
  /** Address of the broker, which the proxy connects to. */
  readonly upstream: Address;
  readonly server: Listener;
  readonly delay: Delay;
}

/** Typical bytes of a message between a client and the broker. */
const messageBytes = 150;

/** Hop from clients to the broker through a proxy. */
export class ProxiedBroker {
  readonly #parts: HopParts;
  readonly #frames = new Frames();
  readonly #tunnels = new Map<SimulatedSocket, Tunnel>();

  constructor(parts: HopParts) {
    this.#parts = parts;
    const { network, upstream, server } = parts;
    network.serve(upstream, {
      get isListening() {
        return server.isListening;
      },
      accept: (socket) => this.#accept(socket),
    });
  }

  /** Returns a way to the broker, which connects and reconnects automatically. `clock` is the client's. */
  way(session: Session, clock: Clock): Way {
    const { network, proxy, delay } = this.#parts;
    const connect = (tunnel: Tunnel) => {
      const socket = network.connect(proxy);
      this.#tunnels.set(socket, tunnel);
      socket.once('close', () => this.#tunnels.delete(socket));
      this.#frames.read(socket);
      return socket;
    };
    return new Tunnel({ session, clock, delay, connect, frames: this.#frames });
  }

  /** Greets a client. */
  #accept(socket: SimulatedSocket): void {
    const party = this.#parts.server.party!;
    const end = { clientEnded() {}, serverEnded: () => socket.destroy() };
    party.opened(end, 'socket');
    socket.on('error', () => undefined);
    socket.once('end', () => socket.destroy());
    socket.once('close', () => party.closed(end, 'socket'));
    this.#frames.read(socket);
    const greeting = this.#frames.frame(messageBytes, (client) =>
      this.#tunnels.get(client)?.greeted(client, party),
    );
    socket.write(greeting);
  }
}

interface TunnelParts {
  readonly session: Session;
  readonly clock: Clock;
  readonly delay: Delay;
  readonly connect: (tunnel: Tunnel) => SimulatedSocket;
  readonly frames: Frames;
}

/** Connection of a client to the broker through a proxy. Keeps the times of the client library. */
class Tunnel implements Way {
  readonly #parts: TunnelParts;
  #client: SimulatedSocket;
  /** The broker's end, once the client has logged in. */
  #server: SimulatedSocket | undefined;
  #isUp = false;
  #isOver = false;
  #unanswered = 0;
  #timer: Timer;

  constructor(parts: TunnelParts) {
    this.#parts = parts;
    this.#client = this.#connect();
  }

  toServer(act: () => void): void {
    if (this.#isUp) this.#write(this.#client, act);
  }

  toClient(act: () => void): void {
    if (this.#server) this.#write(this.#server, act);
  }

  close(): void {
    this.#isOver = true;
    this.#client.destroy();
  }

  /** Logs in. The broker's answer completes the connection. */
  greeted(client: SimulatedSocket, party: Party): void {
    const { session } = this.#parts;
    this.#write(client, (server) => {
      this.#server = server;
      server.once('close', () => {
        if (this.#server === server) this.#server = undefined;
        session.hungUp(party);
      });
      this.#write(server, () => {
        this.#isUp = true;
        this.#ping();
        session.back(party);
      });
    });
  }

  #connect(): SimulatedSocket {
    const { clock, connect, session } = this.#parts;
    const socket = connect(this);
    clock.cancel(this.#timer);
    this.#timer = clock.after(greetingMs, () => socket.destroy());
    socket.on('error', () => undefined);
    socket.once('end', () => socket.destroy());
    socket.once('close', () => {
      if (this.#isUp) session.lost();
      this.#isUp = false;
      clock.cancel(this.#timer);
      if (this.#isOver) return;
      this.#timer = clock.after(reconnect.waitMs + reconnect.jitterMs / 2, () => {
        this.#client = this.#connect();
      });
    });
    return socket;
  }

  /** Pings the broker, and gives up the connection if it doesn't answer. */
  #ping(): void {
    const { clock } = this.#parts;
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

  #write(socket: SimulatedSocket, arrived: (socket: SimulatedSocket) => void): void {
    const { frames, delay } = this.#parts;
    const frame = frames.frame(messageBytes, arrived);
    delay(() => socket.write(frame));
  }
}
