import type { Address } from '#kit/urls.ts';
import { Frames } from './frames.ts';
import type { Delay } from './hop.ts';
import { type AnyLine, type Wire, wasClosed, wasReset } from './line.ts';
import type { SimulatedNetwork, SimulatedSocket } from './network.ts';
import type { Listener, Party } from './process.ts';

/** Bytes of messages as over HTTP/1.1, without the body of an answer. */
export interface Sizes {
  readonly request: number;
  readonly answerHead: number;
}

interface HopParts {
  readonly network: SimulatedNetwork;
  readonly delay: Delay;
  readonly sizes: Sizes;
  readonly proxy: Address;
  /** Address of the server, which the proxy connects to. */
  readonly upstream: Address;
  readonly server: Listener;
}

/** Hop over keep-alive connections through a proxy. Messages are frames of bytes, so toxics act on them. */
export class ProxiedHop {
  readonly #parts: HopParts;
  readonly #frames = new Frames();
  readonly #clients = new Map<AnyLine, ClientEnd>();
  readonly #servers = new Map<AnyLine, ServerEnd>();
  readonly #accepted = new Map<SimulatedSocket, ServerEnd>();

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

  /** Returns a wire that reuses the connections of one client. The connection used last is taken first. */
  wire(party: Party): Wire {
    const { delay, sizes } = this.#parts;
    const free: ClientEnd[] = [];
    const open = () => this.#connect(party, free);
    return {
      open: () => void free.push(open()),
      request: (line, message, sending) => {
        const client = free.pop() ?? open();
        client.line = line;
        this.#clients.set(line, client);
        const frame = this.#frames.frame(sizes.request, (socket) => {
          const server = this.#accepted.get(socket)!;
          server.line = line;
          this.#servers.set(line, server);
          line.serve(server.party);
          server.party.receive(message);
        });
        client.whenConnected(() => {
          sending();
          delay(() => client.socket.write(frame));
        });
      },
      answer: (line, bytes, report) => {
        const server = this.#servers.get(line);
        if (!server) return;
        this.#leave(line);
        const frame = this.#frames.frame(sizes.answerHead + bytes, () => {
          const client = this.#clients.get(line);
          this.#clients.delete(line);
          if (!client) return;
          client.line = undefined;
          free.push(client);
          report();
        });
        delay(() => {
          server.socket.write(frame);
          if (!this.#parts.server.isListening) server.socket.end();
        });
      },
      hangUp: (line) => {
        const client = this.#clients.get(line);
        this.#clients.delete(line);
        if (!client) return;
        client.line = undefined;
        delay(() => client.socket.destroy());
      },
      cut: (line, reason) => {
        const server = this.#servers.get(line);
        this.#leave(line);
        delay(() => (reason === wasReset ? server?.socket.resetAndDestroy() : void server?.socket.destroy()));
      },
    };
  }

  #connect(party: Party, free: ClientEnd[]): ClientEnd {
    const socket = this.#parts.network.connect(this.#parts.proxy);
    const client = new ClientEnd(socket);
    let reason = wasClosed;
    party.opened(client, 'client');
    socket.on('error', (error: Error) => {
      reason = error;
    });
    socket.once('end', () => socket.destroy());
    socket.once('close', () => {
      party.closed(client, 'client');
      if (free.includes(client)) free.splice(free.indexOf(client), 1);
      const { line } = client;
      if (!line) return;
      this.#clients.delete(line);
      line.broke(reason);
    });
    this.#frames.read(socket);
    return client;
  }

  #accept(socket: SimulatedSocket): void {
    const server = new ServerEnd(socket, this.#parts.server.party!);
    const { party } = server;
    this.#accepted.set(socket, server);
    party.opened(server, 'socket');
    socket.once('end', () => socket.destroy());
    socket.on('error', () => undefined);
    socket.once('close', () => {
      this.#accepted.delete(socket);
      party.closed(server, 'socket');
      const { line } = server;
      if (!line) return;
      this.#leave(line);
      line.hungUp();
    });
    this.#frames.read(socket);
  }

  /** Forgets that a connection serves a request. */
  #leave(line: AnyLine): void {
    const server = this.#servers.get(line);
    if (server) server.line = undefined;
    this.#servers.delete(line);
  }
}

/** End of a connection at its client. */
class ClientEnd {
  readonly socket: SimulatedSocket;
  line: AnyLine | undefined;
  #isConnected = false;

  constructor(socket: SimulatedSocket) {
    this.socket = socket;
    socket.once('connect', () => {
      this.#isConnected = true;
    });
  }

  whenConnected(act: () => void): void {
    if (this.#isConnected) act();
    else this.socket.once('connect', act);
  }

  clientEnded(): void {
    this.socket.destroy();
  }

  serverEnded(): void {}
}

/** End of a connection at its server. */
class ServerEnd {
  readonly socket: SimulatedSocket;
  readonly party: Party;
  line: AnyLine | undefined;

  constructor(socket: SimulatedSocket, party: Party) {
    this.socket = socket;
    this.party = party;
  }

  clientEnded(): void {}

  serverEnded(): void {
    this.socket.destroy();
  }

  /** Closes an idle connection, as a server does that stops. */
  closing(): void {
    if (!this.line) this.socket.destroy();
  }
}
