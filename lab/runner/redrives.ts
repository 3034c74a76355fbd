import type { NatsConnection } from '@nats-io/transport-node';
import { type Clock, sleep, wallTime } from '#kit/clock.ts';
import type { Of } from '#lab/evidence/format.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Span } from '#lab/result/result.ts';
import { chosen } from '#lab/testbed/dead-letters/filter.ts';
import { readDeadLetters } from '#lab/testbed/dead-letters/letters.ts';
import { type Redrive, redrive } from '#lab/testbed/dead-letters/redrive.ts';

type Plan = Experiment['redrives'][number];

interface Parts {
  readonly broker: NatsConnection;
  readonly clock: Clock;
  /** Receives what each came to. */
  readonly record: (redrive: Of<'redrive'>) => void;
}

/** The redrives of one variant, one after the other, each of the letters that are there then. */
export class Redrives {
  readonly #plans: readonly Plan[];
  readonly #parts: Parts;
  readonly #stop = new AbortController();
  #over: Promise<void> = Promise.resolve();

  constructor(plans: readonly Plan[], parts: Parts) {
    this.#plans = plans.toSorted((a, b) => a.atMs - b.atMs);
    this.#parts = parts;
  }

  /** Whether there are any. */
  get planned(): boolean {
    return this.#plans.length > 0;
  }

  /** Begins each at its time after `startedAtMs`. What fails says so in its result. */
  begin(startedAtMs: number): void {
    this.#over = this.#all(startedAtMs);
  }

  /** Ends the one under way after the letter that it is at, and begins no more; resolves when all are recorded. */
  stop(): Promise<void> {
    this.#stop.abort();
    return this.#over;
  }

  async #all(startedAtMs: number): Promise<void> {
    const { clock, record } = this.#parts;
    const { signal } = this.#stop;
    for (const plan of this.#plans) {
      const waitMs = Math.max(0, startedAtMs + plan.atMs - clock.now());
      await sleep(waitMs, clock, signal).catch(() => undefined);
      const fromMs = clock.now();
      if (signal.aborted) {
        record(recordOf(nothing, null));
      } else {
        const result = await redriveNow(plan, this.#parts, signal);
        record(recordOf(result, { fromMs, untilMs: clock.now() }));
      }
    }
  }
}

function recordOf({ redriven, repeated, skipped, left, failure }: Redrive, took: Span | null): Of<'redrive'> {
  const idsOf = (letters: Redrive['left']) => letters.map(({ id }) => id);
  return {
    record: 'redrive',
    took,
    redriven: idsOf(redriven),
    repeated: idsOf(repeated),
    skipped: skipped.map(({ letter: { id }, reason }) => ({ id, reason })),
    left: idsOf(left),
    failure: failure ?? null,
  };
}

const nothing: Redrive = { redriven: [], repeated: [], gone: [], skipped: [], left: [], failure: undefined };

async function redriveNow(
  { ratePerSecond, reasons }: Plan,
  { broker, clock }: Parts,
  signal: AbortSignal,
): Promise<Redrive> {
  try {
    const letters = chosen(await readDeadLetters(broker), reasons ? { reasons } : {}, wallTime());
    return await redrive(broker, letters, { ratePerSecond, clock, signal });
  } catch (error) {
    return { ...nothing, failure: (error as Error).message };
  }
}
