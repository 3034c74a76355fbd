import type { Outcome } from '#kit/wire.ts';
import type { Store } from '#lab/evidence/store.ts';
import { ratesOf } from '#lab/experiment/limits/rates.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { schedule } from '#load/phases.ts';
import type { Ends, Strip } from './frame.ts';

/** Count of a frame that an outcome is in, if it isn't `failed`. */
const counts: Readonly<Partial<Record<Outcome, keyof Ends>>> = {
  ok: 'inTime',
  late: 'late',
  rejected: 'rejected',
  dead: 'dead',
};

/** Counts the requests of a variant, for frames and strip. */
export class Requests {
  readonly #rateAt: (atMs: number) => number;
  readonly #plan: Iterator<{ readonly scheduledAtMs: number }>;
  /** In a closed loop, requests are offered when earlier ones have ended, and not as planned. */
  readonly #isClosed: boolean;
  readonly #ends = { inTime: 0, late: 0, failed: 0, rejected: 0, dead: 0 };
  /** It goes on to be filled. */
  readonly strip: Readonly<Record<keyof Strip, number[]>>;
  readonly #binMs: number;
  #next: number;
  #offered = 0;
  #faults: readonly string[] = [];

  constructor({ load, seed }: Experiment, isClosed: boolean, durationMs: number, binMs: number) {
    const zeros = () => new Array<number>(Math.ceil(durationMs / binMs)).fill(0);
    this.strip = { offered: zeros(), inTime: zeros() };
    this.#binMs = binMs;
    this.#rateAt = ratesOf(load);
    this.#isClosed = isClosed;
    this.#plan = isClosed ? [].values() : schedule(load, seed);
    this.#next = this.#following();
  }

  /** Returns a store that also counts what is stored. */
  watching(store: Store): Store {
    const writer = store.writer(false);
    const write: typeof writer.write = (record) => {
      if (record.record === 'active-faults') this.#faults = record.names;
      if (record.record === 'progress' && this.#isClosed) this.#offered = record.offered;
      writer.write(record);
    };
    return {
      ...store,
      writer: () => ({ ...writer, write }),
      createRecord: (planned) => {
        const file = store.createRecord(planned);
        return {
          ...file,
          add: (line) => {
            this.#ended(line.outcome, line.scheduledAtMs);
            file.add(line);
          },
        };
      },
    };
  }

  /** Returns the counts until a time, which must ascend. */
  at(atMs: number) {
    for (; this.#next <= atMs; this.#next = this.#following()) {
      this.#offered += 1;
      this.#count('offered', this.#next);
    }
    const [offered, offeredPerSecond] = [this.#offered, this.#rateAt(atMs)];
    return { offered, offeredPerSecond, ...this.#ends, faults: this.#faults };
  }

  #following(): number {
    return this.#plan.next().value?.scheduledAtMs ?? Number.POSITIVE_INFINITY;
  }

  #ended(outcome: Outcome, scheduledAtMs: number): void {
    const counted = counts[outcome] ?? 'failed';
    this.#ends[counted] += 1;
    if (this.#isClosed) this.#count('offered', scheduledAtMs);
    if (counted === 'inTime') this.#count('inTime', scheduledAtMs);
  }

  #count(kind: keyof Strip, atMs: number): void {
    const bin = Math.floor(atMs / this.#binMs);
    if (bin < this.strip[kind].length) this.strip[kind][bin]! += 1;
  }
}
