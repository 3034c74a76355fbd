import type { Clock } from '#kit/clock.ts';
import type { Stream } from '#netproxy/toxics.ts';
import type { Listener } from './process.ts';

export type Delay = (deliver: () => void) => void;

/** Returns the delay of one direction of a hop. Half of the overhead is before the work, half after it. */
export const delayOf = (clock: Clock, overheadMs: number): Delay =>
  overheadMs === 0 ? (deliver) => deliver() : (deliver) => void clock.after(overheadMs / 2, deliver);

/** Connection that a fault of its hop can break. */
export interface Breakable {
  /** Breaks the connection on its way. Both ends notice. */
  lost(reason: Error): void;
}

/** Way from clients to a server, which no fault affects. */
export class Wire {
  readonly server: Listener;
  readonly clock: Clock;
  protected readonly delay: Delay;

  constructor(server: Listener, overheadMs: number, clock: Clock) {
    this.server = server;
    this.clock = clock;
    this.delay = delayOf(clock, overheadMs);
  }

  /** False if connections are refused. */
  get isListening(): boolean {
    return this.server.isListening;
  }

  opened(_connection: Breakable): void {}

  closed(_connection: Breakable): void {}

  carry(_stream: Stream, _connection: Breakable, arrived: () => void): void {
    this.delay(arrived);
  }

  /** Carries the end of a connection, which arrives after the messages before it. */
  carryEnd(_stream: Stream, _connection: Breakable, arrived: () => void): void {
    this.delay(arrived);
  }
}

export const wasRefused = new Error('connect ECONNREFUSED');
export const wasClosed = new Error('the server closed the connection');
export const wasReset = new Error('read ECONNRESET');
