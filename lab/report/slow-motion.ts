import type { Result } from '#lab/result/result.ts';
import { duration, share } from '#lab/text/format.ts';

type SlowMotion = NonNullable<Result['slowMotion']>;

/** Describes the factor and its reason: `conducted 2 times slower than in the file; … Picked because …`. */
export function describeSlowMotion({
  factor,
  asked,
  overheadMs,
  overheadRatio,
  cpuRatio,
}: SlowMotion): string {
  const said = `conducted ${factor} times slower than in the file; all figures are in the file's own time`;
  if (asked !== 'auto' || overheadMs === undefined) return said;
  const overhead = `at full speed an attempt takes ${duration(overheadMs)} (${share(overheadRatio ?? 0)}) longer here than modelled`;
  return `${said}. Picked because ${overhead}, and the busiest 250 ms need ${share(cpuRatio ?? 0)} of the CPU`;
}
