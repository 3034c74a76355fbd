import type { Probe } from '#lab/capacity/capacity.ts';
import { duration, rate, share } from '#lab/report/format.ts';
import type { Result } from '#lab/result.ts';

/** What came of a rate that was tried. */
export function describeProbe({ rate: perSecond, keptUp, result }: Probe): string {
  const part = share(result.outcomes.timeout / Math.max(1, result.offered));
  return plain(`${rate(perSecond)} ${keptUp ? 'can be had' : 'is too much'}, ${part} ran into the timeout`);
}

/** `capacity under 250 ms: 391/s (384 to 398), 2 % less than the 400/s that the file is meant for`. */
export function describeCapacity(capacity: NonNullable<Result['capacity']>): string {
  const { timeoutMs, perSecond, low, high, nominalPerSecond } = capacity;
  const bounds = low === undefined || high === undefined ? 'given' : `${rate(low)} to ${rate(high)}`;
  const off = perSecond / nominalPerSecond - 1;
  const beside = `${share(Math.abs(off))} ${off < 0 ? 'less' : 'more'} than`;
  return plain(
    `capacity under ${duration(timeoutMs)}: ${rate(perSecond)} (${bounds}), ${beside} the ${rate(nominalPerSecond)} that the file is meant for`,
  );
}

const plain = (text: string): string => text.replaceAll('\u00a0', ' ');
