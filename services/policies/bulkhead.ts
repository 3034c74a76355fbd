import type { Static } from 'typebox';
import { abortable } from '#kit/clock.ts';
import { documented, integer, number } from '#kit/schema/schema.ts';
import { Slots } from './bulkhead/slots.ts';
import { listening, type Policy, Rejected, type Surroundings } from './policy.ts';

/** Thrown if all slots are in use and the queue is full, or if the wait for a slot takes too long. */
export class BulkheadFull extends Rejected {
  override readonly name = 'BulkheadFull';

  constructor(message: string) {
    super('bulkhead', message);
  }
}

export const BulkheadOptions = documented('Limits the calls under way and in the queue.', {
  concurrency: integer({ from: 1, to: 100_000 }, 'Maximum number of calls under way.'),
  queue: integer(
    { from: 0, to: 100_000, default: 0 },
    'Maximum number of calls that wait for a slot, first come, first served. Further calls are refused.',
  ),
  queueTimeoutMs: number(
    { from: 1, to: 3_600_000, optional: true },
    'Longest wait for a slot, after which a call is refused.',
  ),
});
export type BulkheadOptions = Static<typeof BulkheadOptions>;

/**
 * Lets `concurrency` calls through at the same time, and `queue` more wait for a slot. Rejects the others with
 * BulkheadFull.
 */
export function bulkhead(
  { concurrency, queue, queueTimeoutMs }: BulkheadOptions,
  { clock, emit }: Surroundings,
): Policy {
  const slots = new Slots(concurrency, (inFlight, queued) => emit({ kind: 'bulkhead', inFlight, queued }));

  const refusal = (message: string) => {
    emit({ kind: 'rejected', policy: 'bulkhead' });
    return new BulkheadFull(message);
  };

  /** Resolves when a slot is taken for the call. Rejects when the caller gives up, or when the wait takes too long. */
  const wait = (signal: AbortSignal) =>
    abortable<void>(signal, (resolve, reject) => {
      const served = () => {
        clock.cancel(timer);
        resolve();
      };
      const leave = () => {
        slots.queue.leave(place);
        clock.cancel(timer);
        slots.report();
      };
      const late = () => {
        leave();
        reject(refusal(`no slot of ${concurrency} came free in ${queueTimeoutMs} ms`));
      };
      const place = slots.queue.join(served);
      const timer = queueTimeoutMs === undefined ? undefined : clock.after(queueTimeoutMs, late);
      emit({ kind: 'queued' });
      slots.report();
      return leave;
    });

  const refuseFull = async () => {
    const refused = refusal(`${slots.inUse} calls are under way and ${slots.queue.length} wait`);
    await listening;
    throw refused;
  };

  return (next) => async (work, signal) => {
    signal.throwIfAborted();
    if (!slots.take()) await (slots.queue.length < queue ? wait(signal) : refuseFull());
    try {
      signal.throwIfAborted();
      return await next(work, signal);
    } finally {
      slots.free();
    }
  };
}

/** Returns the longest time in ms of the wait for a slot and of the call. The last of a full queue waits for all others. */
export const bulkheadLongestMs = (
  { concurrency, queue, queueTimeoutMs = Infinity }: BulkheadOptions,
  innerMs: number,
): number => (queue === 0 ? 0 : Math.min(queueTimeoutMs, Math.ceil(queue / concurrency) * innerMs)) + innerMs;
