import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import type { Clock, Timer } from '#kit/clock.ts';
import { positive, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';

interface HoldParts {
  readonly clock: Clock;
  /** Stops the load. Resolves when its requests have ended, or have taken too long. */
  readonly still: () => Promise<void>;
  /** Resolves with true if nothing of the stopped load is left. */
  readonly isDrained: () => Promise<boolean>;
  /** Starts the load again. */
  readonly resume: () => Promise<void>;
}

const Lease = strict({
  leaseMs: positive(60_000, 'Time after which the load starts again, unless the hold is renewed.'),
});
const Held = Type.Object({
  isStill: Type.Boolean({
    description: 'True once no request, fault, event or dead letter of the load is left.',
  }),
});
/** Answer to `PUT /hold`. */
export type Held = Readonly<Static<typeof Held>>;

/** Returns the routes by which a run holds the load, so that it has the testbed for itself. */
export function holdOf({ clock, still, isDrained, resume }: HoldParts) {
  let timer: Timer;
  let isHeld = false;
  let isStopped = false;
  let isStill = false;
  const release = async () => {
    clock.cancel(timer);
    if (!isHeld) return;
    isHeld = false;
    isStopped = false;
    isStill = false;
    await resume();
  };
  const answers = { 200: Held };
  const put = { summary: 'Holds the load, or renews the hold.', answers };
  const end = { summary: 'Ends the hold. The load starts again.', answers };
  return {
    isHeld: () => isHeld,
    stop: () => clock.cancel(timer),
    routes(app: FastifyInstance): void {
      app.put('/hold', { schema: { body: Lease }, config: put }, async ({ body }): Promise<Held> => {
        clock.cancel(timer);
        timer = clock.after((body as Static<typeof Lease>).leaseMs, () => void release());
        if (!isHeld) {
          isHeld = true;
          void still().then(() => {
            isStopped = isHeld;
          });
        }
        // Stays so until the end of the hold, since later events are from the run.
        if (isStopped && !isStill) isStill = (await isDrained()) && isStopped;
        return { isStill };
      });
      app.delete('/hold', { config: end }, async (): Promise<Held> => {
        await release();
        return { isStill };
      });
    },
  };
}
