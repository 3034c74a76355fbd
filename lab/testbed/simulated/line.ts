import type { Clock } from '#kit/clock.ts';
import type { Hop } from './hop.ts';
import type { Party } from './process.ts';

/** Time in which a connection is refused. */
const refusedMs = 1;

/** Client of a connection. One of its functions is called, once; none if the client gives up first. */
interface Client<A> {
  readonly party: Party;
  answered(answer: A): void;
  broken(reason: Error): void;
}

/** Process that accepts connections. */
interface Listener {
  readonly isListening: boolean;
  readonly party: Party | undefined;
}

/** Simulated connection that carries one request and its answer. */
export class Line<A> {
  readonly #client: Client<A>;
  /** Undefined if the connection is refused. */
  readonly #server: Party | undefined;
  readonly #hop: Hop;
  readonly #clock: Clock;
  /** True once the client has its answer or has given up. */
  #isOver = false;
  /** True once the server knows that the client has disconnected. */
  isGone = false;
  /** Listener for a disconnect of the client. Set while the server watches the client. */
  gone: (() => void) | undefined;

  constructor(client: Client<A>, listener: Listener, hop: Hop, clock: Clock) {
    this.#client = client;
    this.#server = listener.isListening ? listener.party : undefined;
    this.#hop = hop;
    this.#clock = clock;
    client.party.opened(this, 'client');
    this.#server?.opened(this, 'server');
  }

  get isConnected(): boolean {
    return this.#server !== undefined;
  }

  /** Sends the request. `message` is called when the server reads it. */
  send(message: () => void): void {
    const server = this.#server;
    if (server) this.#hop(() => server.receive(message));
    else this.#clock.after(refusedMs, () => this.#tell(() => this.#client.broken(wasRefused)));
  }

  answer(answer: A): void {
    this.#reply(() => this.#client.answered(answer));
  }

  /** Ends the connection without an answer. */
  break(reason: Error = wasClosed): void {
    this.#reply(() => this.#client.broken(reason));
  }

  /** Ends the connection at the client. */
  close(): void {
    if (this.#end()) this.clientEnded();
  }

  clientEnded(): void {
    this.#isOver = true;
    const server = this.#server;
    this.#hop(() =>
      server?.receive(() => {
        server.closed(this, 'server');
        this.isGone = true;
        this.gone?.();
      }),
    );
  }

  serverEnded(): void {
    this.#hop(() => this.#tell(() => this.#client.broken(wasClosed)));
  }

  #reply(report: () => void): void {
    this.#server?.closed(this, 'server');
    if (!this.isGone) this.#hop(() => this.#tell(report));
  }

  #tell(report: () => void): void {
    this.#client.party.receive(() => {
      if (this.#end()) report();
    });
  }

  /** Returns true the first time. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#client.party.closed(this, 'client');
    return true;
  }
}

const wasRefused = new Error('connect ECONNREFUSED');
const wasClosed = new Error('the server closed the connection');
export const wasReset = new Error('read ECONNRESET');
