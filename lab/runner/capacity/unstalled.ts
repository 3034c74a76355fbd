import { describeStalls } from '#lab/analysis/figures/stall-text.ts';
import { adviceOnSlowness, type Machine } from '#lab/analysis/validity/slow-machine.ts';
import { isDecisive, stallCheck } from '#lab/result/facts.ts';
import type { StallResult, ValidityCheck } from '#lab/result/result.ts';
import { plural } from '#lab/text/format.ts';
import { keptUp, type Missed } from './probe.ts';

/** A probe, with the stalls in it. */
export interface Probed {
  readonly missed: Missed;
  /** Requests that count. */
  readonly counted: number;
  readonly stalls: readonly StallResult[];
}

const triesMax = 3;

/** Makes a probe, and again where a stall may decide it, at most three times. Resolves with the last one. */
export async function unstalled<P extends Probed>(probe: () => Promise<P>, machine: Machine): Promise<P> {
  for (let tries = 1; ; tries++) {
    const probed = await probe();
    if (tries === triesMax || !stallDoubt(probed, machine)) return probed;
  }
}

/**
 * Returns the doubt about a probe that could have come out otherwise: with other outcomes of the requests that stalls
 * affected, also before it counted.
 */
export function stallDoubt({ missed, counted, stalls }: Probed, machine: Machine): ValidityCheck | undefined {
  const decisive = stalls.filter(isDecisive);
  const affected = decisive.reduce((sum, { requests }) => sum + requests, 0);
  const share = affected / Math.max(1, counted);
  const { timeout } = missed;
  const moved = keptUp(missed) ? timeout + share : timeout - share;
  if (keptUp({ ...missed, timeout: moved }) === keptUp(missed)) return undefined;
  return {
    name: stallCheck,
    variant: 'capacity',
    ok: false,
    measured: affected,
    limit: 0,
    unit: 'requests',
    finding: `${describeStalls(decisive, machine.slowMotion?.factor).join('; ')}, in each of ${plural(triesMax, 'probe')} at the same rate`,
    meaning: 'So the capacity, and each rate with it, may come from the stall.',
    remedy: adviceOnSlowness(machine),
  };
}
