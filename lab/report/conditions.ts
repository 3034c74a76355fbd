import type { Capacity, SlowMotion } from '#lab/result/conditions.ts';
import type { Result } from '#lab/result/result.ts';
import { duration, plural, rate, share } from '#lab/text/format.ts';

/** Returns, for example, `capacity under 250 ms: 391/s (384 to 398), 2 % less than the 400/s assumed in the file`. */
export function describeCapacity(capacity: Capacity): string {
  const { perSecond, nominalPerSecond } = capacity;
  const off = perSecond / nominalPerSecond - 1;
  const beside = `${share(Math.abs(off))} ${off < 0 ? 'less' : 'more'} than`;
  return `${describeMeasured(capacity)}, ${beside} the ${rate(nominalPerSecond)} assumed in the file`;
}

/** Returns, for example, `capacity under 250 ms: 391/s (384 to 398)`. */
export function describeMeasured({ timeoutMs, perSecond, low, high }: Capacity): string {
  const bounds = low === undefined || high === undefined ? 'given' : `${rate(low)} to ${rate(high)}`;
  return `capacity under ${duration(timeoutMs)}: ${rate(perSecond)} (${bounds})`;
}

/** Returns, for example, `2 agents offered the load: left, right`. */
export const describeAgents = (agents: readonly string[]): string =>
  `${plural(agents.length, 'agent')} offered the load: ${agents.join(', ')}`;

/** Explains why a measured capacity can't be trusted; undefined if its measurement was valid. */
export function doubtOf(validity: Result['validity']): string | undefined {
  const failing = validity.filter(({ ok }) => !ok);
  if (failing.some(({ name }) => name === 'unsent requests'))
    return "The generator's connections limited the rate, so this is not the capacity of the dependency.";
  return failing.length > 0 ? 'Its measurement was invalid, so the capacity may be wrong.' : undefined;
}

/** Formats a capacity for flags and files, rounded to three significant digits as in the report: `1400` for 1,404. */
export const digits = (perSecond: number): string => String(Number(perSecond.toPrecision(3)));

/** Describes the slow motion and its reason: `run 2 times slower than in the file; … Picked because …`. */
export function describeSlowMotion(slowMotion: SlowMotion): string {
  const { factor, asked, overheadMs, overheadRatio = 0, cpuRatio = 0 } = slowMotion;
  const conducted =
    factor === 1
      ? 'run at full speed'
      : `run ${factor} times slower than in the file; all figures are in the file's time`;
  if (asked !== 'auto' || overheadMs === undefined) return conducted;
  const overhead = `at full speed an attempt takes ${duration(overheadMs)} (${share(overheadRatio)}) longer here than modelled`;
  return `${conducted}. ${factor === 1 ? 'That is enough:' : 'Picked because'} ${overhead}, and the busiest 250 ms need ${share(cpuRatio)} of the CPU`;
}
