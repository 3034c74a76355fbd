import { autoFactors } from '#lab/experiment/scaled.ts';
import type { Result } from '#lab/result/result.ts';
import { number, plural } from '#lab/text/format.ts';

export type Machine = Pick<Result['machine'], 'cpus' | 'loadAverage'> & Pick<Result, 'slowMotion'>;

/** Largest factor that is advised, as `auto` chooses none above it. Other programs disturb any factor. */
const advisedMax = Math.max(...autoFactors);

/** Returns advice after a run on a machine that was too slow. It depends on the machine's load before the run. */
export function adviceOnSlowness({ cpus, loadAverage, slowMotion }: Machine): string {
  const slower = slowerThan(slowMotion?.factor);
  const load = `load average ${number(loadAverage)} on ${plural(cpus, 'CPU')}`;
  if (loadAverage >= cpus) {
    const idle = slower ? `use ${slower}` : 'offer less';
    return `The machine was busy when the run began (${load}), which is the likely cause: close other programs and run again. If it happens on an idle machine, ${idle}.`;
  }
  const then = slower ? `Run again with ${slower}, or offer less.` : 'Offer less.';
  return `The machine was not busy when the run began (${load}), so the load may be too much for it. ${then}`;
}

/** Returns the flag for a slower run; undefined if no larger factor is advised. */
function slowerThan(factor: number | undefined): string | undefined {
  if (factor === undefined) return '`--slow-motion auto`';
  return factor < advisedMax ? `\`--slow-motion ${Math.min(advisedMax, 2 * factor)}\`` : undefined;
}
