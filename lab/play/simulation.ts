import { localClock } from '#kit/clock.ts';
import type { Outcome } from '#kit/wire.ts';
import { conductAlone } from '#lab/conduct/alone.ts';
import { machine } from '#lab/conduct/in-memory.ts';
import { figureStore } from '#lab/evidence/figure-store.ts';
import type { Store } from '#lab/evidence/store.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { simulated } from '#lab/world/simulated/world.ts';
import { schedule } from '#load/phases.ts';
import type { Frame, Scene, Strip } from './frame.ts';
import { ratesOf } from './rates.ts';
import { type Sample, samplerOf } from './sampler.ts';

/** What a simulation of a variant reports while it runs. */
export interface Listener {
  /** Receives the next frames, and the strip until now. */
  frames(frames: readonly Frame[], strip: Strip): void;
}

/** A simulation that would take too long. */
class TooLong extends Error {
  override readonly name = 'TooLong';
}

/** Real time and attempts after which a simulation of one variant stops. */
export interface Bounds {
  readonly realMs: number;
  readonly attempts: number;
}

const usualBounds: Bounds = { realMs: 20_000, attempts: 5_000_000 };

/** Frames that are reported together. */
const batch = 20;

/**
 * Simulates a variant of an experiment, and reports its frames. Resolves with all figures. Rejects with TooLong, or with
 * the reason of the signal.
 */
export async function simulateVariant(
  experiment: Experiment,
  name: string,
  { durationMs, everyMs }: Pick<Scene, 'durationMs' | 'everyMs'>,
  listener: Listener,
  signal: AbortSignal,
  { realMs, attempts }: Bounds = usualBounds,
): Promise<readonly Figure[]> {
  const variant = experiment.variants[name]!;
  const { path, policies } = variant;
  const alone: Experiment = { ...experiment, variants: { [name]: variant }, hypothesis: [] };
  const requests = new Requests(experiment, variant.callers !== undefined, durationMs);
  const endsAtMs = localClock.now() + realMs;
  let waiting: Frame[] = [];
  const report = () => {
    listener.frames(waiting, requests.strip());
    waiting = [];
  };
  const add = (atMs: number, sample: Sample) => {
    waiting.push({ ...requests.at(atMs), ...sample, atMs });
    if (waiting.length >= batch) report();
  };
  let finish = () => {};
  const world = simulated({
    watch(inside, clock, startedAtMs) {
      const nowMs = () => clock.now();
      const { clients = 1 } = { ...variant } as { clients?: number };
      const sample = samplerOf({ inside, nowMs, path, policies, clients, deadlineMs: experiment.deadlineMs });
      let count = 0;
      const tick = () => {
        signal.throwIfAborted();
        const atMs = count * everyMs;
        const now = sample();
        if (localClock.now() > endsAtMs)
          throw new TooLong(`it takes longer than ${realMs / 1000} s: stopped at ${atMs / 1000} s`);
        if (now.attempts > attempts)
          throw new TooLong(`it makes more than ${attempts} attempts: stopped at ${atMs / 1000} s`);
        if (atMs <= durationMs) add(atMs, now);
        // Later frames are not drawn.
        count += atMs < durationMs ? 1 : Math.ceil(1000 / everyMs);
        clock.after(Math.max(0, startedAtMs + count * everyMs - clock.now()), tick);
      };
      // The last frame of a simulation that is over early, as all have ended.
      finish = () => {
        if (count * everyMs <= durationMs) add(count * everyMs, sample());
      };
      clock.after(startedAtMs - clock.now(), tick);
    },
  });
  const { figures } = await conductAlone(alone, requests.watching(figureStore()), { world, machine, signal });
  finish();
  report();
  return figures;
}

type Counted = 'inTime' | 'late' | 'failed' | 'rejected' | 'dead';

/** Count of a frame that an outcome is in. Pending events and unsent requests have not completed. */
const countOf: Readonly<Record<Outcome, Counted>> = {
  ok: 'inTime',
  late: 'late',
  failed: 'failed',
  timeout: 'failed',
  dropped: 'failed',
  unknown: 'failed',
  pending: 'failed',
  unsent: 'failed',
  rejected: 'rejected',
  dead: 'dead',
};

const stripMs = 100;

/** Counts the requests of a variant, for frames and strip. */
class Requests {
  readonly #rateAt: (atMs: number) => number;
  readonly #plan: Iterator<{ readonly scheduledAtMs: number }>;
  readonly #isClosed: boolean;
  readonly #ends = { inTime: 0, late: 0, failed: 0, rejected: 0, dead: 0 };
  readonly #strip: Readonly<Record<'offered' | 'inTime' | 'late', number[]>>;
  #next: number;
  #offered = 0;
  #faults: readonly string[] = [];

  constructor({ load, seed }: Experiment, isClosed: boolean, durationMs: number) {
    const intervals = Math.ceil(durationMs / stripMs);
    const zeros = () => new Array<number>(intervals).fill(0);
    this.#strip = { offered: zeros(), inTime: zeros(), late: zeros() };
    this.#rateAt = ratesOf(load);
    this.#isClosed = isClosed;
    this.#plan = schedule(load, seed);
    this.#next = this.#following();
  }

  /** Returns a store that also counts what is stored. */
  watching(store: Store): Store {
    return {
      ...store,
      writer: (atOnce) => {
        const writer = store.writer(atOnce);
        return {
          ...writer,
          write: (record) => {
            if (record.record === 'active-faults') this.#faults = record.names;
            if (record.record === 'progress' && this.#isClosed) this.#offered = record.offered;
            writer.write(record);
          },
        };
      },
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

  at(atMs: number) {
    while (this.#next <= atMs) {
      if (!this.#isClosed) {
        this.#offered += 1;
        count(this.#strip.offered, this.#next);
      }
      this.#next = this.#following();
    }
    return {
      offered: this.#offered,
      offeredPerSecond: this.#rateAt(atMs),
      ...this.#ends,
      faults: this.#faults,
    };
  }

  strip(): Strip {
    const { offered, inTime, late } = this.#strip;
    return { everyMs: stripMs, offered: offered.slice(), inTime: inTime.slice(), late: late.slice() };
  }

  #following(): number {
    const { value, done } = this.#plan.next();
    return done ? Number.POSITIVE_INFINITY : value.scheduledAtMs;
  }

  #ended(outcome: Outcome, scheduledAtMs: number): void {
    const counted = countOf[outcome];
    this.#ends[counted] += 1;
    if (this.#isClosed) count(this.#strip.offered, scheduledAtMs);
    if (counted === 'inTime' || counted === 'late') count(this.#strip[counted], scheduledAtMs);
  }
}

function count(intervals: number[], atMs: number): void {
  const at = Math.floor(atMs / stripMs);
  if (at < intervals.length) intervals[at]! += 1;
}
