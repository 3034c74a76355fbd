import { number, plural } from '#lab/experiment/text/format.ts';
import type { Result } from '#lab/judge/result/result.ts';

export type Machine = Pick<Result['machine'], 'cpus' | 'loadAverage'> & Pick<Result, 'slowMotion'>;

/** Returns advice after a run on a machine that was too slow. It depends on the machine's load before the run. */
export function adviceOnSlowness({ cpus, loadAverage }: Machine): string {
  const load = `load average ${number(loadAverage)} on ${plural(cpus, 'CPU')}`;
  return loadAverage >= cpus
    ? `The machine was busy when the run began (${load}), which is the likely cause: close other programs.`
    : `The machine was not busy when the run began (${load}), so the load may be too much for it: offer less.`;
}
