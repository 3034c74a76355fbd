import { type Static, Type } from 'typebox';
import { strict } from '#kit/schema.ts';
import { WaitingLine } from './bulkhead/waiting-line.ts';
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

/** Lets `concurrency` calls through at once and `queue` more wait in line; rejects the rest with BulkheadFull. */
export function bulkhead(options: BulkheadOptions, { clock, emit }: Surroundings): Policy {
  const { concurrency, queue, queueTimeoutMs } = options;
  const line = new WaitingLine<() => void>();
  let inFlight = 0;
  const report = () => emit({ kind: 'bulkhead', inFlight, queued: line.length });

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
        report();
      };
      const place = line.join(() => {
        settle();
        resolve();
      });
      const leave = (reason: () => unknown) => {
        line.leave(place);
        settle();
        reject(reason());
      };
      const abort = () => leave(() => signal.reason);
      const late = () => leave(() => refusal(`no slot of ${concurrency} came free in ${queueTimeoutMs} ms`));
      const timer = queueTimeoutMs === undefined ? undefined : clock.after(queueTimeoutMs, late);
      signal.addEventListener('abort', abort);
      emit({ kind: 'queued' });
      report();
    });

  const enter = (signal: AbortSignal): Promise<void> | undefined => {
    if (inFlight === concurrency) {
      if (line.length < queue) return wait(signal);
      throw refusal(`${concurrency} calls are under way and ${line.length} wait`);
    }
    inFlight += 1;
    report();
    return undefined;
  };

  /** Hands the slot to whoever waits first, so that nobody can slip in between; frees it when nobody does. */
  const leave = () => {
    const next = line.serve();
    if (next) return next();
    inFlight -= 1;
    report();
  };

  return (next) => async (work, signal) => {
    signal.throwIfAborted();
    await enter(signal);
    try {
      signal.throwIfAborted();
      return await next(work, signal);
    } finally {
      leave();
    }
  };
}
