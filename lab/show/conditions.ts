import { recordedStallMs } from '#kit/stalls.ts';
import type { SlowMotion } from '#lab/evidence/conditions.ts';
import { duration, share, times } from '#lab/kit/text/format.ts';

/** Describes the slow motion and its reason: `run 2 times slower than in the file; … Picked because …`. */
export function describeSlowMotion(slowMotion: SlowMotion): string {
  const { factor, asked, overheadMs, overheadRatio = 0, cpuRatio = 0 } = slowMotion;
  const { stallRatio = 0, limitRatio = 0, tooFast, unslowed } = slowMotion;
  const conducted =
    factor === 1
      ? 'run at full speed'
      : `run ${factor} times slower than in the file; all figures are in the file's time`;
  if (unslowed) return `${conducted}, since slow motion does not slow the broker's timer of \`by: server\``;
  if (asked !== 'auto' || overheadMs === undefined) return conducted;
  if (tooFast !== undefined) return `${conducted}. Picked because ${tooFast}`;
  const reasons = [
    `at full speed an attempt takes ${duration(overheadMs)} (${share(overheadRatio)}) longer here than modelled`,
    `send lag or sleep excess is ${times(limitRatio)} its limit under \`validity:\``,
    `the busiest 250 ms need ${share(cpuRatio)} of the CPU`,
    ...(stallRatio > 1
      ? [`stalls from ${duration(recordedStallMs / stallRatio)} on may change a verdict`]
      : []),
  ];
  return `${conducted}. ${factor === 1 ? 'That is enough:' : 'Picked because'} ${reasons.join('; ')}`;
}
