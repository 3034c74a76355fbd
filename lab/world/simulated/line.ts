import type { Party } from './process.ts';

/** Client of a request. One of its functions is called, once; none if the client gives up first. */
export interface Client<A> {
  readonly party: Party;
  answered(answer: A): void;
  broken(reason: Error): void;
}

/** Way from clients to a server. */
export interface Wire {
  /** Opens a connection in advance, if it needs one. */
  open?(): void;
  /**
   * Sends a request. Calls `sending` when connected, `line.serve` when a server accepts the request, and `message` when
   * the server reads it.
   */
  request(line: AnyLine, message: () => void, sending: () => void): void;
  /** Sends an answer. Calls `report` when it reaches the client. */
  answer(line: AnyLine, report: () => void): void;
  /** Ends the connection from the client's side. Calls `hungUp` of the line at the server. */
  hangUp(line: AnyLine): void;
  /** Ends the connection from the server's side. Calls `broke` of the line at the client. */
  cut(line: AnyLine, reason: Error): void;
}

export type AnyLine = Line<{ readonly body: string }>;

/** A request and its answer on a simulated connection. */
export class Line<A extends { readonly body: string }> {
  atClient: number | undefined;
  atServer: number | undefined;
  /** Number of the attempt that a call to downstream makes. */
  attempt: number | undefined;
  readonly #client: Client<A>;
  readonly #wire: Wire;
  /** Undefined until the request is accepted. */
  #server: Party | undefined;
  /** True once the client has its answer or has given up. */
  #isOver = false;
  /** True once the server knows that the client has disconnected. */
  isGone = false;
  /** Listener for a disconnect of the client. Set while the server watches the client. */
  gone: (() => void) | undefined;

  constructor(client: Client<A>, wire: Wire) {
    this.#client = client;
    this.#wire = wire;
    client.party.opened(this, 'client');
  }

  /** Sends the request. Calls `sending` once connected. `message` is called when the server reads it. */
  send(message: () => void, sending: () => void = nothing): void {
    this.#wire.request(this as unknown as AnyLine, message, sending);
  }

  /** Called by the wire when a server accepts the request. */
  serve(server: Party): void {
    this.#server = server;
    server.opened(this, 'server');
  }

  answer(answer: A): void {
    this.#server?.closed(this, 'server');
    if (this.isGone) return;
    const report = () => {
      if (this.#end()) this.#client.answered(answer);
    };
    this.#wire.answer(this as unknown as AnyLine, () => this.#client.party.receive(report));
  }

  /** Ends the connection without an answer. */
  break(reason: Error = wasClosed): void {
    this.#server?.closed(this, 'server');
    if (!this.isGone) this.#wire.cut(this as unknown as AnyLine, reason);
  }

  /** Ends the connection at the client. */
  close(): void {
    if (this.#end()) this.clientEnded();
  }

  clientEnded(): void {
    this.#isOver = true;
    this.#wire.hangUp(this as unknown as AnyLine);
  }

  serverEnded(): void {
    this.#wire.cut(this as unknown as AnyLine, wasClosed);
  }

  /** Called by the wire when the client's disconnect reaches the server. */
  hungUp(): void {
    this.#server?.receive(() => {
      this.#server?.closed(this, 'server');
      this.isGone = true;
      this.gone?.();
    });
  }

  /** Called by the wire when the end of the connection reaches the client. */
  broke(reason: Error): void {
    this.#client.party.receive(() => {
      if (this.#end()) this.#client.broken(reason);
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

const nothing = () => undefined;

export const wasRefused = new Error('connect ECONNREFUSED');
export const wasClosed = new Error('the server closed the connection');
export const wasReset = new Error('read ECONNRESET');
