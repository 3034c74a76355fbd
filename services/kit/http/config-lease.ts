import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import type { Clock, Timer } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import type { Lease } from '#kit/process/config-file.ts';
import { positive, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';

interface LeaseParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly current: () => unknown;
  readonly change: <T>(change: () => T | Promise<T>) => Promise<T>;
  /** Applies and stores a configuration, which is no longer leased. */
  readonly restore: (config: unknown) => Promise<void>;
}

/**
 * Number of timers that make up a lease. A process that was paused for longer than a lease runs at most one of them
 * before it reads the renewals that have arrived meanwhile.
 */
const timers = 5;

const Params = strict({ owner: Type.String({ minLength: 1, maxLength: 64 }) });
const Body = strict({
  leaseMs: positive(3_600_000, 'Time after which the lease ends, unless it is renewed.'),
});
const Leased = Type.Object({
  isLeased: Type.Boolean({ description: 'True if this owner has the lease, false if another has it.' }),
});
/** Answer to a call that leases the configuration. */
export type Leased = Readonly<Static<typeof Leased>>;

/**
 * Adds the routes by which a run leases the configuration, so that nothing of a killed run stays. `found` is a lease
 * from before a restart. Returns a function that reads the lease.
 */
export function leaseRoutes(
  app: FastifyInstance,
  { clock, log, current, change, restore }: LeaseParts,
  found: Lease | undefined,
): () => Lease | undefined {
  let lease = found;
  let left = timers;
  let timer: Timer;
  const end = () =>
    change(async () => {
      // A renewal may have come while other changes ran.
      if (lease === undefined || left > 0) return;
      const { before } = lease;
      if (!isDeepStrictEqual(current(), before)) await restore(before);
      clock.cancel(timer);
      lease = undefined;
    });
  const runDown = () => {
    clock.cancel(timer);
    if (lease === undefined) return;
    timer = clock.after(lease.leaseMs / timers, () => {
      left -= 1;
      runDown(); // goes on, so that a failed end is tried again
      if (left <= 0)
        end().catch((err) => log.warn({ err }, 'the leased configuration could not be replaced'));
    });
  };
  runDown();
  const answers = { 200: Leased };
  const summary =
    'Leases the configuration, or renews the lease. At its end the service returns to its present configuration.';
  const put = { summary, answers };
  app.put('/lease/:owner', { schema: { params: Params, body: Body }, config: put }, async (request) => {
    const { owner } = request.params as Static<typeof Params>;
    const { leaseMs } = request.body as Static<typeof Body>;
    const begin = () => {
      lease ??= { owner, leaseMs, before: current() };
    };
    if (lease === undefined) await change(begin);
    if (lease?.owner !== owner) return { isLeased: false };
    left = timers;
    runDown();
    return { isLeased: true };
  });
  const over = { summary: 'Ends the lease of this owner, if there is one.', answers };
  app.delete('/lease/:owner', { schema: { params: Params }, config: over }, async ({ params }) => {
    if (lease?.owner === (params as Static<typeof Params>).owner) {
      left = 0;
      await end();
    }
    return { isLeased: false };
  });
  app.addHook('onClose', async () => clock.cancel(timer));
  return () => lease;
}
