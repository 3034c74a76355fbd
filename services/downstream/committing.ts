import type { Clock } from '#kit/clock.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { Storage } from '#kit/process/storage.ts';
import type { EffectLog } from './effects.ts';

/** What an attempt has done. */
export interface Done {
  readonly id: string;
  readonly attempt: number;
  /** Whether the caller has hung up. */
  readonly gone: boolean;
}

/** Commits to the effect log what is done, counted; returns whether it had been done before. Throws what the log's disk throws. */
export function committing(effects: EffectLog, metrics: Metrics, storage: Storage, clock: Clock) {
  const committed = metrics.counter('spillway_effects_total');
  const forgotten = metrics.counter('spillway_effects_forgotten_total');
  const duplicates = metrics.counter('spillway_duplicate_effects_total');
  return ({ id, attempt, gone }: Done, idempotent: boolean): boolean => {
    const duplicate = effects.has(id);
    if (!duplicate || !idempotent) {
      const before = effects.forgotten;
      effects.commit({ id, attempt, atMs: clock.now(), gone, duplicate });
      forgotten.inc(effects.forgotten - before);
      storage.stored();
    }
    committed.inc({ caller: gone ? 'gone' : 'waiting' });
    if (duplicate) duplicates.inc({ handling: idempotent ? 'suppressed' : 'repeated' });
    return duplicate;
  };
}
