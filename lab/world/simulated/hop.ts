import type { Clock } from '#kit/clock.ts';
import type { Stream } from '#netproxy/toxics.ts';
import type { Listener } from './process.ts';

/** Calls `deliver`, at once or after a delay. */
export type Delay = (deliver: () => void) => void;

/** Returns the delay of one direction of a hop. Half of the overhead is before the work, half after it. */
export const delayOf = (clock: Clock, overheadMs: number): Delay =>
  overheadMs === 0 ? (deliver) => deliver() : (deliver) => void clock.after(overheadMs / 2, deliver);

/** Connection that a fault of its hop can break. */
export interface Breakable {
  /** Breaks the connection on its way. Both ends notice. */
  lost(reason: Error): void;
}

/** Way from clients to a server. */
export interface Wire {
  readonly server: Listener;
  readonly clock: Clock;
  /** False if connections are refused. */
  readonly isListening: boolean;
  opened(connection: Breakable): void;
  closed(connection: Breakable): void;
  /** Carries a message. */
  carry(stream: Stream, connection: Breakable, arrived: () => void): void;
  /** Carries the end of a connection, which arrives after the messages before it. */
  carryEnd(stream: Stream, connection: Breakable, arrived: () => void): void;
}

/** Returns a way that no fault affects. */
export function wireTo(server: Listener, overheadMs: number, clock: Clock): Wire {
  const delay = delayOf(clock, overheadMs);
  const carry = (_stream: Stream, _connection: Breakable, arrived: () => void) => delay(arrived);
  return {
    ...{ server, clock, carry, carryEnd: carry, opened() {}, closed() {} },
    get isListening() {
      return server.isListening;
    },
  };
}

export const wasRefused = new Error('connect ECONNREFUSED');
export const wasClosed = new Error('the server closed the connection');
export const wasReset = new Error('read ECONNRESET');
