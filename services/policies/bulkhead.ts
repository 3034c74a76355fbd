import { type Static, Type } from 'typebox';
import { strict } from '#kit/schema/schema.ts';
import { Slots } from './bulkhead/slots.ts';
import { type Policy, Rejected, type Surroundings } from './policy.ts';

/** The bulkhead has neither a slot nor a place to wait, or the wait took too long. */
export class BulkheadFull extends Rejected {
  override readonly name = 'BulkheadFull';

  constructor(message: string) {
    super('bulkhead', message);
  }
}

export const BulkheadOptions = strict(
  {
    concurrency: Type.Integer({ minimum: 1, maximum: 100_000, description: 'Calls under way at once.' }),
    queue: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 100_000,
      description: 'Calls that may wait for a slot, first come, first served; the rest is refused.',
    }),
    queueTimeoutMs: Type.Optional(
      Type.Number({ minimum: 1, maximum: 3_600_000, description: 'Refuses what has waited so long.' }),
    ),
  },
  { description: 'Bounds the calls under way and those that wait.' },
);
export type BulkheadOptions = Static<typeof BulkheadOptions>;

/**
 * Lets `concurrency` calls through at once and `queue` more wait in line; rejects the rest with BulkheadFull. The calls
 * and waiters of the bulkhead whose slots it takes over count.
 */
export function bulkhead(
  { concurrency, queue, queueTimeoutMs }: BulkheadOptions,
  { clock, emit, slots: slotsOf = () => new Slots() }: Surroundings,
): Policy {
  const slots = slotsOf();
  slots.configure(concurrency, (inFlight, queued) => emit({ kind: 'bulkhead', inFlight, queued }));

  const refusal = (message: string) => {
    emit({ kind: 'rejected', policy: 'bulkhead' });
    return new BulkheadFull(message);
  };

  /** Resolves when a slot has been handed over; rejects when the caller gives up or the wait takes too long. */
  const wait = (signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const settle = () => {
        clock.cancel(timer);
        signal.removeEventListener('abort', abort);
      };
      const place = slots.queue.join(() => {
        settle();
        resolve();
      });
      const leave = (reason: () => unknown) => {
        slots.queue.leave(place);
        settle();
        slots.report();
        reject(reason());
      };
      const abort = () => leave(() => signal.reason);
      const late = () => leave(() => refusal(`no slot of ${slots.limit} came free in ${queueTimeoutMs} ms`));
      const timer = queueTimeoutMs === undefined ? undefined : clock.after(queueTimeoutMs, late);
      signal.addEventListener('abort', abort);
      emit({ kind: 'queued' });
      slots.report();
    });

  const enter = (signal: AbortSignal): Promise<void> | undefined => {
    if (slots.take()) return undefined;
    const queued = slots.queue.length;
    if (queued < queue) return wait(signal);
    throw refusal(`${slots.inUse} calls are under way and ${queued} wait`);
  };

  return (next) => async (work, signal) => {
    signal.throwIfAborted();
    await enter(signal);
    try {
      signal.throwIfAborted();
      return await next(work, signal);
    } finally {
      slots.free();
    }
  };
}
