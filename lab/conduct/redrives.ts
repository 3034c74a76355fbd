import type { Of } from '#lab/evidence/format.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { chosen, readDeadLetters } from '#lab/world/dead-letters.ts';
import { type Redrive, redrive, redriveIds } from '#lab/world/redrive.ts';
import { timed } from './timed.ts';
import type { VariantTestbed } from './variant-testbed.ts';

/** Redrives the dead letters that exist at each start. Records failures, and redrives that didn't begin. */
export function redrivesOf(
  plans: Experiment['redrives'],
  { broker, clock }: Pick<VariantTestbed, 'broker' | 'clock'>,
  record: (redrive: Of<'redrive'>) => void,
) {
  return timed(plans, clock, async ({ ratePerSecond, reasons }, signal) => {
    const fromMs = clock.now();
    const redriveNow = async () =>
      redrive(broker, chosen(await readDeadLetters(broker), { reasons }), { ratePerSecond, clock, signal });
    const failed = ({ message }: Error) => ({ ...nothing, failure: message });
    const result = signal.aborted ? nothing : await redriveNow().catch(failed);
    const took = result === nothing ? null : { fromMs, untilMs: clock.now() };
    const { gone: _, ...ids } = redriveIds(result);
    record({ record: 'redrive', took, ...ids });
  });
}

const nothing: Redrive = { redriven: [], repeated: [], gone: [], skipped: [], left: [], failure: undefined };
