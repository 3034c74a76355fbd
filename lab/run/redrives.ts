import type { NatsConnection } from '@nats-io/transport-node';
import { type Clock, sleep, wallTime } from '#kit/clock.ts';
import { requestIndex } from '#kit/wire.ts';
import type { Witnesses } from '#lab/audit/witnesses.ts';
import { chosen } from '#lab/dead-letters/filter.ts';
import { readLetters } from '#lab/dead-letters/letters.ts';
import { type Redrive, redrive } from '#lab/dead-letters/redrive.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { RedriveResult, Span } from '#lab/result/incidents.ts';

type Plan = Experiment['redrives'][number];

/** What a redrive came to. */
export interface Redriven extends Redrive {
  readonly plan: Plan;
  /** On the machine's monotonic clock; null where it was over before its time. */
  readonly took: Span | null;
}

interface Parts {
  readonly broker: NatsConnection;
  readonly clock: Clock;
}

/** The redrives of one variant, one after the other, each of the letters that are there then. */
export class Redrives {
  readonly #plans: readonly Plan[];
  readonly #parts: Parts;
  readonly #stop = new AbortController();
  #results: Promise<Redriven[]> = Promise.resolve([]);

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
    this.#results = this.#all(startedAtMs);
  }

  /** Ends the one under way after the letter that it is at, and begins no more; resolves with what all came to. */
  stop(): Promise<Redriven[]> {
    this.#stop.abort();
    return this.#results;
  }

  async #all(startedAtMs: number): Promise<Redriven[]> {
    const { clock } = this.#parts;
    const { signal } = this.#stop;
    const results: Redriven[] = [];
    for (const plan of this.#plans) {
      const waitMs = Math.max(0, startedAtMs + plan.atMs - clock.now());
      await sleep(waitMs, clock, signal).catch(() => undefined);
      const fromMs = clock.now();
      if (signal.aborted) {
        results.push({ plan, ...nothing, took: null });
      } else {
        const result = await redriveNow(plan, this.#parts, signal);
        results.push({ plan, ...result, took: { fromMs, untilMs: clock.now() } });
      }
    }
    return results;
  }
}

const nothing: Redrive = { redriven: [], repeated: [], gone: [], skipped: [], left: [], failure: undefined };

async function redriveNow(
  { ratePerSecond, reasons }: Plan,
  { broker, clock }: Parts,
  signal: AbortSignal,
): Promise<Redrive> {
  try {
    const letters = chosen(await readLetters(broker), reasons ? { reasons } : {}, wallTime());
    return await redrive(broker, letters, { ratePerSecond, clock, signal });
  } catch (error) {
    return { ...nothing, failure: (error as Error).message };
  }
}

/** What the ledger has to account for. Where a redrive failed, nobody knows of the letter that it was at. */
export function redrivenIn(results: readonly Redriven[]): Witnesses['redriven'] {
  const sent = results.flatMap(({ redriven, repeated }) => [...redriven, ...repeated]);
  const doubtful = results.flatMap(({ left, failure }) => (failure === undefined ? [] : left.slice(0, 1)));
  const requests = new Set([...sent, ...doubtful].map(({ id }) => requestIndex(id)));
  return { requests, letters: sent.length, doubtful: doubtful.length };
}

/** For the result, with times since the first due time. */
export const redriveResults = (results: readonly Redriven[], startedAtMs: number): RedriveResult[] =>
  results.map(({ plan, took, redriven, repeated, skipped, left, failure }) => ({
    atMs: plan.atMs,
    ratePerSecond: plan.ratePerSecond,
    took: took && { fromMs: took.fromMs - startedAtMs, untilMs: took.untilMs - startedAtMs },
    redriven: redriven.length + repeated.length,
    left: skipped.length + left.length,
    failure: failure ?? skipped[0]?.reason ?? null,
  }));
