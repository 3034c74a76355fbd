import { strict } from '#kit/schema/schema.ts';
import { kind } from './kind.ts';

/** The event loop stands still, the control port's too, until the lease is over. */
export const freeze = kind({
  options: strict(
    {},
    { description: 'The event loop stands still: nothing is accepted, answered or measured.' },
  ),
  done: 'frozen',
  affects: 'none',
  halts: true,
  create: () => ({
    // Once the answer to whoever asked for it is on its way.
    begin: (leaseMs) =>
      void setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, leaseMs)),
  }),
});
