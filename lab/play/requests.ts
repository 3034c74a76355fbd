import type { Outcome } from '#kit/wire.ts';
import type { Store } from '#lab/evidence/store.ts';
import { ratesOf } from '#lab/experiment/limits/rates.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { schedule } from '#load/phases.ts';
import type { Ends, Strip } from './frame.ts';
import type { Scene } from './scene.ts';

/** Count of a frame that an outcome is in, if it isn't `failed`. */
const counts: Readonly<Partial<Record<Outcome, keyof Ends>>> = {
  ok: 'inTime',
  late: 'late',
  rejected: 'rejected',
  dead: 'dead',
};

/**
 * Counts the requests of a variant, for frames and strip. In a closed loop, requests are offered when earlier ones have
 * ended, and not as planned.
 */
export function requestsOf({ load, seed }: Experiment, isClosed: boolean, { durationMs, binMs }: Scene) {
  const zeros = () => new Array<number>(Math.ceil(durationMs / binMs)).fill(0);
  const strip = { offered: zeros(), inTime: zeros() };
  const count = (kind: keyof Strip, atMs: number) => {
    const bin = Math.floor(atMs / binMs);
    if (bin < strip[kind].length) strip[kind][bin]! += 1;
  };
  const plan = isClosed ? [].values() : schedule(load, seed);
  const following = (): number => plan.next().value?.scheduledAtMs ?? Number.POSITIVE_INFINITY;
  const rateAt = ratesOf(load);
  const ends = { inTime: 0, late: 0, failed: 0, rejected: 0, dead: 0 };
  let [next, offered] = [following(), 0];
  let faults: readonly string[] = [];
  const ended = (outcome: Outcome, scheduledAtMs: number) => {
    const counted = counts[outcome] ?? 'failed';
    ends[counted] += 1;
    if (isClosed) count('offered', scheduledAtMs);
    if (counted === 'inTime') count('inTime', scheduledAtMs);
  };
  return {
    /** It goes on to be filled. */
    strip,
    /** Returns a store that also counts what is stored. */
    watching(store: Store): Store {
      const writer = store.writer(false);
      const write: typeof writer.write = (record) => {
        if (record.record === 'active-faults') faults = record.names;
        if (record.record === 'progress' && isClosed) offered = record.offered;
        writer.write(record);
      };
      const createRecord: Store['createRecord'] = (planned) => {
        const file = store.createRecord(planned);
        const add: typeof file.add = (line) => {
          ended(line.outcome, line.scheduledAtMs);
          file.add(line);
        };
        return { ...file, add };
      };
      return { ...store, writer: () => ({ ...writer, write }), createRecord };
    },
    /** Returns the counts until a time, which must ascend. */
    at(atMs: number) {
      for (; next <= atMs; next = following()) {
        offered += 1;
        count('offered', next);
      }
      return { offered, offeredPerSecond: rateAt(atMs), ...ends, faults };
    },
  };
}
