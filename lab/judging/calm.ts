import { number, plural } from '#lab/format.ts';
import type { Result } from '#lab/result/result.ts';

export type Machine = Pick<Result['machine'], 'cpus' | 'loadAverage'>;

/** What helps against a machine that is too busy, as far as that can be told from its load before the run. */
export function calm({ cpus, loadAverage }: Machine): string {
  const load = `load average ${number(loadAverage)} on ${plural(cpus, 'CPU')}`;
  return loadAverage >= cpus
    ? `The machine was busy when the run began (${load}): close other programs and run it again, or use \`--slow-motion auto\``
    : `The machine was not busy when the run began (${load}), so it became so later, or the load is too much for it: close other programs and run it again, use \`--slow-motion auto\`, or offer less`;
}
