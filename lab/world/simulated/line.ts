import { type Breakable, type Wire, wasClosed, wasRefused } from './hop.ts';
import { type Party, refusedMs } from './process.ts';

/** Client of a request. One of its functions is called, once; none if the client gives up first. */
export interface Client<A> {
  readonly party: Party;
  answered(answer: A): void;
  broken(reason: Error): void;
}

/** A request and its answer on a simulated connection of its own. */
export class Line<A> implements Breakable {
  atClient: number | undefined;
  atServer: number | undefined;
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
    const wire = this.#wire;
    const { party } = wire.server;
    if (!wire.isListening || !party) return void wire.clock.after(refusedMs, () => this.#broke(wasRefused));
    this.#server = party;
    party.opened(this, 'server');
    wire.opened(this);
    sending();
    wire.carry('upstream', this, () => {
      if (!this.isGone) party.receive(message);
    });
  }

  answer(answer: A): void {
    this.#server?.closed(this, 'server');
    if (this.isGone) return;
    const report = () => {
      if (this.#end()) this.#client.answered(answer);
    };
    this.#wire.carry('downstream', this, () => this.#client.party.receive(report));
  }

  /** Ends the connection without an answer. */
  break(reason: Error = wasClosed): void {
    this.#server?.closed(this, 'server');
    if (!this.isGone) this.#cut(reason);
  }

  /** Ends the connection at the client. */
  close(): void {
    if (this.#end()) this.clientEnded();
  }

  clientEnded(): void {
    this.#isOver = true;
    this.#wire.closed(this);
    this.#wire.carryEnd('upstream', this, () => this.#hungUp());
  }

  serverEnded(): void {
    this.#cut(wasClosed);
  }

  lost(reason: Error): void {
    this.#wire.closed(this);
    this.#hungUp();
    this.#broke(reason);
  }

  #cut(reason: Error): void {
    this.#wire.carryEnd('downstream', this, () => this.#broke(reason));
  }

  /** The client's disconnect reaches the server. */
  #hungUp(): void {
    this.#server?.receive(() => {
      this.#server?.closed(this, 'server');
      this.isGone = true;
      this.gone?.();
    });
  }

  /** The end of the connection reaches the client. */
  #broke(reason: Error): void {
    this.#client.party.receive(() => {
      if (this.#end()) this.#client.broken(reason);
    });
  }

  /** Returns true the first time. */
  #end(): boolean {
    if (this.#isOver) return false;
    this.#isOver = true;
    this.#wire.closed(this);
    this.#client.party.closed(this, 'client');
    return true;
  }
}

const nothing = () => undefined;
