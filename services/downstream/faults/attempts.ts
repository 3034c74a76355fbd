import type { Static } from 'typebox';
import { type Draw, lognormal } from '#downstream/times.ts';
import { documented, number, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { applicationFault, type Halt, ms, scope, status } from './application-fault.ts';

/** Stops the event loop, including the control port, until the lease ends. */
const freeze = applicationFault({
  options: documented('The event loop stops: nothing is accepted, answered or measured.', {}),
  state: 'frozen',
  isCounted: false,
  exclusive: true,
  stops: () => true,
  create: (_options, _clock, halt) => ({ begin: halt }),
});

/** Stops this process, after the answer to the injecting request has been sent. */
export const haltProcess: Halt = (ms) =>
  void setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms));

const brownout = applicationFault({
  options: documented('Capacity shrinks. Needs the model `congestion`.', {
    capacityFactor: number(
      { above: 0, to: 1 },
      'Remaining share of the capacity: at 0.2, 10 requests in flight count as 50.',
    ),
  }),
  state: 'short of capacity',
  isCounted: false,
  create: ({ capacityFactor }) => ({ inFlight: (count) => count / capacityFactor }),
});

const Added = tagged(
  'kind',
  {
    fixed: documented('The same time for every attempt.', { ms: ms('Time added to each attempt.') }),
    uniform: documented('All times from `minMs` to `maxMs` are equally likely.', {
      minMs: ms('Shortest added time.'),
      maxMs: ms('Longest added time.'),
    }),
    lognormal: documented('Mostly near `medianMs`, with a long tail; at most an hour.', {
      medianMs: ms('Median of the added time.'),
      sigma: number({ from: 0, to: 5 }, 'Standard deviation of the logarithm: 1 makes p99 ten times p50.'),
    }),
  },
  { description: 'Time added to each attempt.' },
);

function drawn(added: Static<typeof Added>, draw: Draw): number {
  switch (added.kind) {
    case 'fixed':
      return added.ms;
    case 'uniform':
      return added.minMs + draw('added') * (added.maxMs - added.minMs);
    case 'lognormal':
      return lognormal(added.medianMs, added.sigma, draw('added'), draw('angle'));
  }
}

const latency = applicationFault({
  options: documented('Work takes longer.', { added: Added, ...scope }),
  state: 'slowed down',
  problems({ added }) {
    if (added.kind !== 'uniform' || added.maxMs >= added.minMs) return [];
    const message = `expected at least minMs, which is ${added.minMs}, got ${added.maxMs}`;
    return [{ pointer: '/added/maxMs', message }];
  },
  create: ({ added }) => ({
    outcome: (outcome, draw) => ({ ...outcome, latencyMs: outcome.latencyMs + drawn(added, draw) }),
  }),
});

const failure = applicationFault({
  options: documented('Work fails.', { status, ...scope }),
  state: 'failing',
  create: ({ status }) => ({ outcome: (outcome) => ({ ...outcome, failed: true, status }) }),
});

const poison = applicationFault({
  options: documented('Chosen requests fail however often they are tried.', {
    ids: Type.Array(Type.String({ maxLength: 128 }), {
      minItems: 1,
      maxItems: 1000,
      description: 'Requests that fail however often they are tried, e.g. r0, the first of the load.',
    }),
    status,
  }),
  state: 'failing for some',
  create({ ids, status }) {
    const chosen = new Set(ids);
    return {
      outcome: (outcome, _draw, id) => (chosen.has(id) ? { ...outcome, failed: true, status } : outcome),
    };
  },
});

const slowErrors = applicationFault({
  options: documented('Failing attempts take longer to fail.', {
    ms: ms('Time added to each failing attempt.'),
    ...scope,
  }),
  state: 'slow to fail',
  create: ({ ms }) => ({
    outcome: (outcome) => (outcome.failed ? { ...outcome, latencyMs: outcome.latencyMs + ms } : outcome),
  }),
});

/** Faults that change the outcome of an attempt, in the order in which they act. */
export const attemptFaults = { freeze, brownout, latency, failure, poison, 'slow-errors': slowErrors };
