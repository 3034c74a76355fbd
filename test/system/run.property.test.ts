import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { pooledRuns } from '#test/support/pooled.ts';

const run = pooledRuns();

const integer = (min: number, max: number) => fc.integer({ min, max });

const perSecond = integer(20, 150);
const forMs = integer(100, 800);
const arrivals = fc.oneof(
  fc.record({ kind: fc.constant('constant'), ratePerSecond: perSecond, forMs }),
  fc.record({ kind: fc.constant('poisson'), ratePerSecond: perSecond, forMs }),
  fc.record({ kind: fc.constant('ramp'), fromPerSecond: perSecond, toPerSecond: perSecond, forMs }),
  fc.record({
    kind: fc.constant('sine'),
    meanPerSecond: integer(50, 100),
    amplitudePerSecond: integer(0, 50),
    periodMs: integer(50, 500),
    forMs,
  }),
  fc.record({
    kind: fc.constant('bursts'),
    total: integer(1, 150),
    size: integer(1, 150),
    everyMs: fc.constant(10),
    spreadMs: integer(0, 10),
  }),
  fc.record({
    kind: fc.constant('replay'),
    atMs: fc.array(integer(0, 500), { minLength: 1, maxLength: 50 }),
  }),
);

/** Some of these policies. The first is the outermost. */
const policies = fc.subarray([
  { retry: { maxRetries: 2, backoff: { kind: 'exponential', baseMs: 5, capMs: 20 } } },
  { breaker: { window: { kind: 'count', size: 10 }, failures: 5, openMs: 50 } },
  { bulkhead: { concurrency: 8, queue: 50 } },
  { timeout: { ms: 100 } },
]);

const model = fc.oneof(
  fc.record({ kind: fc.constant('fixed'), latencyMs: integer(0, 50) }),
  fc.record({ kind: fc.constant('congestion'), capacityRps: integer(50, 500) }),
);

const fault = fc.oneof(
  fc.record({
    target: fc.constantFrom('downstream', 'gateway', 'publisher', 'consumer', 'nats'),
    fault: fc.record({ kind: fc.constantFrom('kill', 'stop', 'pause') }),
  }),
  fc.record({
    target: fc.constant('downstream'),
    fault: fc.record({ kind: fc.constantFrom('failure', 'freeze', 'hang', 'reset', 'malformed') }),
  }),
);

const experiment = fc.record({
  title: fc.constant('Any'),
  seed: integer(0, 1000),
  deadlineMs: integer(50, 1000),
  drainMs: fc.constant(8000),
  connections: integer(50, 200),
  warmup: fc.constant({ requests: 20, concurrency: 10 }),
  // The first phase makes sure that there is at least one request.
  load: fc
    .array(fc.record({ arrivals }), { maxLength: 2 })
    .map((phases) => [{ arrivals: { kind: 'replay', atMs: [0] } }, ...phases]),
  downstream: fc.record({ model, idempotent: fc.boolean(), abandonOnAbort: fc.boolean() }),
  variants: fc.record({
    calls: fc.record({ path: fc.constant('rpc'), policies }),
    events: fc.record({
      path: fc.constant('event'),
      policies,
      consumer: fc.record({ concurrency: integer(1, 50), ackWaitMs: fc.constant(1000) }),
      stream: fc.record({ maxPending: integer(10, 1000) }),
    }),
  }),
  faults: fc.array(
    fault.map((each) => ({ name: 'it', atMs: 50, forMs: 150, ...each })),
    { maxLength: 1 },
  ),
  hypothesis: fc.constant(['goodput(calls) >= goodput(events)']),
  validity: fc.constant({
    lagP99Ms: 2000,
    stallMs: 2000,
    sleepExcessP99Ms: 2000,
    faultDelayMs: 60_000,
    unsent: 1000,
    reason: 'no times are judged',
  }),
});

test.prop([experiment], { numRuns: 4, endOnFailure: true })(
  'run brings any experiment that is not refused to a verdict and a balanced ledger',
  async (value) => {
    const result = await run(stringify(value));
    expect(result.errors).toEqual([]);
    expect(result.variants.flatMap(({ ledger }) => ledger.checks.filter(({ ok }) => !ok))).toEqual([]);
    expect(result.validity.filter(({ ok }) => !ok)).toEqual([]);
    expect(['held', 'failed']).toContain(result.status);
  },
  240_000,
);
