import { greetingMs, pings, reconnect } from '#kit/broker/connect.ts';
import type { Clock, Timer } from '#kit/clock.ts';
import type { Delay } from '#lab/world/simulated/hop.ts';
import { type Listener, type Open, type Party, refusedMs } from '#lab/world/simulated/process.ts';
import type { Session, Way } from './session.ts';

/** Hop of clients to the broker that faults affect, through a proxy. */
export class BrokerHop {
  readonly clock: Clock;
  readonly delay: Delay;
  readonly server: Listener;
  /** True while the proxy does not listen. */
  #isDown = false;
  /** True while the proxy drops all messages. */
  isSilent = false;
  readonly #tunnels: Tunnel[] = [];

  constructor(clock: Clock, delay: Delay, server: Listener) {
    this.clock = clock;
    this.delay = delay;
    this.server = server;
  }

  get isListening(): boolean {
    return !this.#isDown && this.server.isListening;
  }

  /** Connects a client. `clock` is the client's. */
  open(session: Session, clock: Clock): Tunnel {
    const tunnel = new Tunnel(this, session, clock);
    this.#tunnels.push(tunnel);
    return tunnel;
  }

  begin(kind: string): void {
    if (kind === 'blackhole') this.isSilent = true;
    else {
      this.#isDown = true;
      this.#cut();
    }
  }

  /** Ends a fault. Connections with lost messages are closed. */
  end(kind: string): void {
    if (kind !== 'blackhole') this.#isDown = false;
    else {
      this.isSilent = false;
      this.#cut();
    }
  }

  #cut(): void {
    for (const tunnel of this.#tunnels) tunnel.serverEnded();
  }
}

/** Connection of a client to the broker through a proxy. It reconnects, with the times of the client library. */
class Tunnel implements Way, Open {
  atServer: number | undefined;
  readonly #hop: BrokerHop;
  readonly #session: Session;
  readonly #clock: Clock;
  /** Identifies the connection; undefined while there is none. */
  #connection: object | undefined;
  /** The broker's process, once it has accepted the connection. */
  #server: Party | undefined;
  #isUp = false;
  #isOver = false;
  #unanswered = 0;
  #timer: Timer;

  constructor(hop: BrokerHop, session: Session, clock: Clock) {
    this.#hop = hop;
    this.#session = session;
    this.#clock = clock;
    this.#connect();
  }

  toServer(act: () => void): void {
    if (this.#isUp) this.#send(act);
  }

  toClient(act: () => void): void {
    if (this.#server) this.#send(act);
  }

  close(): void {
    this.#isOver = true;
    this.serverEnded();
  }

  clientEnded(): void {} // the session closes it

  /** Closes the connection. Both ends notice. */
  serverEnded(): void {
    if (!this.#connection) return;
    const server = this.#server;
    this.#connection = undefined;
    this.#server = undefined;
    this.#hop.clock.after(0, () => {
      server?.closed(this, 'server');
      if (server) this.#session.hungUp(server);
      this.#closed();
    });
  }

  #closed(): void {
    if (this.#isUp) this.#session.lost();
    this.#isUp = false;
    this.#clock.cancel(this.#timer);
    if (this.#isOver) return;
    const afterMs = reconnect.waitMs + reconnect.jitterMs / 2;
    this.#timer = this.#clock.after(afterMs, () => this.#connect());
  }

  /** Connects. The broker greets the client, the client logs in, and the broker's answer completes the connection. */
  #connect(): void {
    const hop = this.#hop;
    const connection = {};
    this.#connection = connection;
    this.#timer = this.#clock.after(greetingMs, () => this.serverEnded());
    hop.clock.after(0, () => {
      if (this.#connection !== connection) return;
      const { party } = hop.server;
      if (!hop.isListening || !party) return void hop.clock.after(refusedMs, () => this.serverEnded());
      this.#server = party;
      party.opened(this, 'server');
      this.#pass(() =>
        this.#send(() =>
          this.#send(() => {
            this.#isUp = true;
            this.#ping();
            this.#session.back(party);
          }),
        ),
      );
    });
  }

  /** Pings the broker, and gives up the connection if it doesn't answer. */
  #ping(): void {
    const clock = this.#clock;
    clock.cancel(this.#timer);
    this.#unanswered = 0;
    const next = () => {
      if (this.#unanswered === pings.unansweredMax) return this.serverEnded();
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

  #send(arrived: () => void): void {
    this.#hop.delay(() => this.#pass(arrived));
  }

  /** Passes a message to the proxy and on, each in a separate event, so that promises settle between two messages. */
  #pass(arrived: () => void): void {
    const connection = this.#connection;
    if (!connection) return;
    const { clock } = this.#hop;
    clock.after(0, () => {
      if (this.#hop.isSilent) return;
      clock.after(0, () => {
        if (this.#connection === connection) arrived();
      });
    });
  }
}
