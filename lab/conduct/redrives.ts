import type { Broker } from '#kit/broker/client.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import type { Of } from '#lab/evidence/format.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { chosen, readDeadLetters } from '#lab/world/dead-letters.ts';
import { type Redrive, redrive, redriveIds } from '#lab/world/redrive.ts';

type Plan = Experiment['redrives'][number];

interface RedriveParts {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly record: (redrive: Of<'redrive'>) => void;
}

/**
 * Returns functions that begin and stop the redrives of a variant, which run one after the other. Each redrives the
 * dead letters that exist at its start.
 */
export function redrivesOf(plans: readonly Plan[], parts: RedriveParts) {
  const { clock, record } = parts;
  const stopping = new AbortController();
  const { signal } = stopping;
  let over: Promise<void> = Promise.resolve();

  async function all(startedAtMs: number): Promise<void> {
    for (const plan of plans.toSorted((a, b) => a.atMs - b.atMs)) {
      const waitMs = Math.max(0, startedAtMs + plan.atMs - clock.now());
      await sleep(waitMs, clock, signal).catch(() => undefined);
      const fromMs = clock.now();
      const result = signal.aborted ? nothing : await redriveNow(plan, parts, signal);
      const took = result === nothing ? null : { fromMs, untilMs: clock.now() };
      const { gone: _, ...ids } = redriveIds(result);
      record({ record: 'redrive', took, ...ids });
    }
  }

  return {
    /** Begins each redrive at its time after `startedAtMs`. Failures are recorded. */
    begin(startedAtMs: number): void {
      over = all(startedAtMs);
    },
    /** Ends the current redrive after its current dead letter, and begins no more. Resolves when all are recorded. */
    stop(): Promise<void> {
      stopping.abort();
      return over;
    },
  };
}

const nothing: Redrive = { redriven: [], repeated: [], gone: [], skipped: [], left: [], failure: undefined };

async function redriveNow(
  { ratePerSecond, reasons }: Plan,
  { broker, clock }: RedriveParts,
  signal: AbortSignal,
): Promise<Redrive> {
  try {
    const letters = chosen(await readDeadLetters(broker), reasons ? { reasons } : {});
    return await redrive(broker, letters, { ratePerSecond, clock, signal });
  } catch (error) {
    return { ...nothing, failure: (error as Error).message };
  }
}
