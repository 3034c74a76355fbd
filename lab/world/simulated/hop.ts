import type { Clock } from '#kit/clock.ts';
import { type Wire, wasRefused } from './line.ts';
import { type Listener, refusedMs } from './process.ts';

/** Calls `deliver`, at once or after a delay. */
export type Delay = (deliver: () => void) => void;

/** Returns the delay of one direction of a hop. Half of the overhead is before the work, half after it. */
export const delayOf = (clock: Clock, overheadMs: number): Delay =>
  overheadMs === 0 ? (deliver) => deliver() : (deliver) => void clock.after(overheadMs / 2, deliver);

/** Returns a wire to a process without a proxy. Each request has its own connection. */
export const directWire = (listener: Listener, delay: Delay, clock: Clock): Wire => ({
  request(line, message, sending) {
    const { party } = listener;
    if (!listener.isListening || !party) return void clock.after(refusedMs, () => line.broke(wasRefused));
    line.serve(party);
    sending();
    delay(() => party.receive(message));
  },
  answer: (_line, report) => delay(report),
  hangUp: (line) => delay(() => line.hungUp()),
  cut: (line, reason) => delay(() => line.broke(reason)),
});
