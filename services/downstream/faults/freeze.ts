import { applicationFault } from './application-fault.ts';

/** Stops the event loop, the control port's too, until the lease is over. */
export const freeze = applicationFault({
  description: 'The event loop stops: nothing is accepted, answered or measured.',
  state: 'frozen',
  scope: 'none',
  exclusive: true,
  stops: () => true,
  create: () => ({
    // After the answer to the request that injects it has been sent.
    begin: (leaseMs) =>
      void setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, leaseMs)),
  }),
});
