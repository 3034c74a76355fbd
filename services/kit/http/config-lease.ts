import { isDeepStrictEqual } from 'node:util';
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import type { Clock, Timer } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import { number, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';

interface LeaseParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly current: () => unknown;
  readonly change: <T>(change: () => T | Promise<T>) => Promise<T>;
  readonly restore: (config: unknown) => Promise<unknown>;
}

const Params = strict({ owner: Type.String({ minLength: 1, maxLength: 64 }) });
const Body = strict({
  leaseMs: number({ above: 0, to: 3_600_000 }, 'Time after which the lease ends, unless it is renewed.'),
});

export interface Leased {
  /** True if this owner has the lease, false if another has it. */
  readonly isLeased: boolean;
}

/** Adds routes to lease the configuration, so that a killed run leaves none. Returns a function: true while leased. */
export function leaseRoutes(
  app: FastifyInstance,
  { clock, log, current, change, restore }: LeaseParts,
): () => boolean {
  let lease: { readonly owner: string; readonly before: unknown } | undefined;
  let timer: Timer;
  const end = () =>
    change(async () => {
      if (lease && !isDeepStrictEqual(current(), lease.before)) await restore(lease.before);
      // After a failure, the timer tries again.
      clock.cancel(timer);
      lease = undefined;
    });
  const endAfter = (ms: number) => {
    clock.cancel(timer);
    timer = clock.after(ms, () => {
      end().catch((err) => {
        log.warn({ err }, 'the leased configuration could not be replaced');
        endAfter(ms);
      });
    });
  };
  app.put('/lease/:owner', { schema: { params: Params, body: Body } }, async (request): Promise<Leased> => {
    const { owner } = request.params as Static<typeof Params>;
    if (lease === undefined)
      await change(() => {
        lease ??= { owner, before: current() };
      });
    const isLeased = lease?.owner === owner;
    if (isLeased) endAfter((request.body as Static<typeof Body>).leaseMs);
    return { isLeased };
  });
  app.delete('/lease/:owner', { schema: { params: Params } }, async ({ params }): Promise<Leased> => {
    if (lease?.owner === (params as Static<typeof Params>).owner) await end();
    return { isLeased: false };
  });
  app.addHook('onClose', async () => clock.cancel(timer));
  return () => lease !== undefined;
}
