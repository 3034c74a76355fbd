import type { Result } from '#lab/result/result.ts';
import { duration, rate, share } from '#lab/text/format.ts';

type Capacity = NonNullable<Result['capacity']>;

/** `capacity under 250 ms: 391/s (384 to 398), 2 % less than the 400/s that the file is meant for`. */
export function describeCapacity(capacity: Capacity): string {
  const { perSecond, nominalPerSecond } = capacity;
  const off = perSecond / nominalPerSecond - 1;
  const beside = `${share(Math.abs(off))} ${off < 0 ? 'less' : 'more'} than`;
  return `${describeMeasured(capacity)}, ${beside} the ${rate(nominalPerSecond)} that the file is meant for`;
}

/** `capacity under 250 ms: 391/s (384 to 398)`. */
export function describeMeasured({ timeoutMs, perSecond, low, high }: Capacity): string {
  const bounds = low === undefined || high === undefined ? 'given' : `${rate(low)} to ${rate(high)}`;
  return `capacity under ${duration(timeoutMs)}: ${rate(perSecond)} (${bounds})`;
}

/** Why a capacity is not to be used as the dependency's; nothing where its measurement was sound. */
export function doubtOf(validity: Result['validity']): string | undefined {
  const failing = validity.filter(({ ok }) => !ok);
  if (failing.some(({ name }) => name === 'unsent requests'))
    return "This is what the generator's connections let through and not the capacity of the dependency.";
  return failing.length > 0
    ? 'The measurement was off, so this need not be the capacity of the dependency.'
    : undefined;
}

/** A capacity as precise as it is shown, but as flags and files are written: `1400`. */
export const digits = (perSecond: number): string => String(Number(perSecond.toPrecision(3)));
