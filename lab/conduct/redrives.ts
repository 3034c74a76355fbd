import type { Broker } from '#kit/broker/client.ts';
import type { Clock } from '#kit/clock.ts';
import type { Of } from '#lab/evidence/format.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { chosen, readDeadLetters } from '#lab/world/dead-letters.ts';
import { type Redrive, redrive, redriveIds } from '#lab/world/redrive.ts';
import { timed } from './timed.ts';

type Plan = Experiment['redrives'][number];

interface RedriveParts {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly record: (redrive: Of<'redrive'>) => void;
}

/**
 * Returns functions that begin and stop the redrives of a variant. Each redrives the dead letters that exist at its
 * start. A failure is recorded, and so is a redrive that didn't begin.
 */
export function redrivesOf(plans: readonly Plan[], parts: RedriveParts) {
  const { clock, record } = parts;
  return timed(plans, clock, async (plan, signal) => {
    const fromMs = clock.now();
    const result = signal.aborted ? nothing : await redriveNow(plan, parts, signal);
    const took = result === nothing ? null : { fromMs, untilMs: clock.now() };
    const { gone: _, ...ids } = redriveIds(result);
    record({ record: 'redrive', took, ...ids });
  });
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
