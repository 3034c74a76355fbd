import { greetingMs, pings, reconnect } from '#kit/broker/connect.ts';
import type { Clock, Timer } from '#kit/clock.ts';
import type { AffectedWire } from '#lab/world/simulated/affected-wire.ts';
import type { Breakable } from '#lab/world/simulated/hop.ts';
import { type Open, type Party, refusedMs } from '#lab/world/simulated/process.ts';
import type { Stream } from '#netproxy/toxics.ts';
import type { Session, Way } from './session.ts';

/** Connection of a client to the broker through a proxy. It reconnects, with the times of the client library. */
export class Tunnel implements Way, Open {
  atServer: number | undefined;
  readonly #hop: AffectedWire;
  readonly #session: Session;
  readonly #clock: Clock;
  #connection: Breakable | undefined;
  /** The broker's process, once it has accepted the connection. */
  #server: Party | undefined;
  #isUp = false;
  #isOver = false;
  #unanswered = 0;
  #timer: Timer;

  constructor(hop: AffectedWire, session: Session, clock: Clock) {
    this.#hop = hop;
    this.#session = session;
    this.#clock = clock;
    this.#connect();
  }

  toServer(act: () => void): void {
    if (this.#isUp) this.#send('upstream', act);
  }

  toClient(act: () => void): void {
    if (this.#server) this.#send('downstream', act);
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
    this.#hop.closed(this.#connection);
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
    const connection = { lost: () => this.serverEnded() };
    this.#connection = connection;
    this.#timer = this.#clock.after(greetingMs, () => this.serverEnded());
    hop.clock.after(0, () => {
      if (this.#connection !== connection) return;
      const { party } = hop.server;
      if (!hop.isListening || !party) return void hop.clock.after(refusedMs, () => this.serverEnded());
      this.#server = party;
      party.opened(this, 'server');
      hop.opened(connection);
      this.#send('downstream', () =>
        this.#send('upstream', () =>
          this.#send('downstream', () => {
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

  /** Passes a message to the proxy and on, each in a separate event, so that promises settle between two messages. */
  #send(stream: Stream, arrived: () => void): void {
    const connection = this.#connection;
    if (!connection) return;
    const { clock } = this.#hop;
    this.#hop.carry(stream, connection, () => {
      clock.after(0, () =>
        clock.after(0, () => {
          if (this.#connection === connection) arrived();
        }),
      );
    });
  }
}
