import type { Address } from '#kit/urls.ts';
import type { Delay } from './hop.ts';
import { type AnyLine, type Wire, wasClosed, wasReset } from './line.ts';
import type { SimulatedNetwork, SimulatedSocket } from './network.ts';
import type { Listener, Party } from './process.ts';

export interface HopParts {
  readonly network: SimulatedNetwork;
  readonly delay: Delay;
  readonly proxy: Address;
  /** Address of the server, which the proxy connects to. */
  readonly upstream: Address;
  readonly server: Listener;
}

/** Hop over keep-alive connections through a proxy, whose toxics act on the messages. */
export class ProxiedHop {
  readonly #parts: HopParts;
  /** Ends of the connections that carry requests. */
  readonly #clients = new Map<AnyLine, SimulatedSocket>();
  readonly #servers = new Map<AnyLine, SimulatedSocket>();

  constructor(parts: HopParts) {
    this.#parts = parts;
    const { network, upstream, server } = parts;
    network.serve(upstream, { listener: server, accept: (socket) => this.#accept(socket) });
  }

  /** Returns a wire that reuses the connections of one client. The connection used last is taken first. */
  wire(party: Party): Wire {
    const { delay, server } = this.#parts;
    const free: SimulatedSocket[] = [];
    const open = () => this.#connect(party, free);
    return {
      open: () => void free.push(open()),
      request: (line, message, sending) => {
        const client = free.pop() ?? open();
        const send = () => {
          sending();
          delay(() => client.send((at) => this.#serve(line, at, message)));
        };
        take(this.#clients, line, client);
        if (client.isConnected) send();
        else client.once('connect', send);
      },
      answer: (line, report) => {
        const socket = leave(this.#servers, line);
        if (!socket) return;
        const arrived = () => {
          const client = leave(this.#clients, line);
          if (!client) return;
          free.push(client);
          report();
        };
        delay(() => {
          socket.send(arrived);
          if (!server.isListening) socket.end();
        });
      },
      hangUp: (line) => {
        const client = leave(this.#clients, line);
        if (client) delay(() => client.destroy());
      },
      cut: (line, reason) => {
        const socket = leave(this.#servers, line);
        if (socket) delay(() => (reason === wasReset ? socket.resetAndDestroy() : socket.destroy()));
      },
    };
  }

  #connect(party: Party, free: SimulatedSocket[]): SimulatedSocket {
    const socket = this.#parts.network.connect(this.#parts.proxy);
    party.opened(socket, 'client');
    socket.read((error = wasClosed) => {
      party.closed(socket, 'client');
      if (free.includes(socket)) free.splice(free.indexOf(socket), 1);
      const { line } = socket;
      if (!line) return;
      leave(this.#clients, line);
      line.broke(error);
    });
    return socket;
  }

  #accept(socket: SimulatedSocket): void {
    const party = this.#parts.server.party!;
    party.opened(socket, 'socket');
    socket.read(() => {
      party.closed(socket, 'socket');
      const { line } = socket;
      if (!line) return;
      leave(this.#servers, line);
      line.hungUp();
    });
  }

  /** Has the server read a request. */
  #serve(line: AnyLine, at: SimulatedSocket, message: () => void): void {
    const party = this.#parts.server.party!;
    take(this.#servers, line, at);
    line.serve(party);
    party.receive(message);
  }
}

/** Notes that a connection carries a request. */
function take(carried: Map<AnyLine, SimulatedSocket>, line: AnyLine, socket: SimulatedSocket): void {
  socket.line = line;
  carried.set(line, socket);
}

/** Forgets that a connection carries a request. Returns the connection. */
function leave(carried: Map<AnyLine, SimulatedSocket>, line: AnyLine): SimulatedSocket | undefined {
  const socket = carried.get(line);
  carried.delete(line);
  if (socket) socket.line = undefined;
  return socket;
}
