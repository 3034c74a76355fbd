import { type Clock, systemClock } from '#kit/clock.ts';
import type { Control } from '#lab/control/control.ts';
import { duration } from '#lab/format.ts';
import { TestbedError } from '#lab/testbed-error.ts';

/** Error of reading a clock. The monotonic clocks of one machine are the same. */
const toleranceMs = 1;

/**
 * Refuses a service whose monotonic clock is not this machine's, since its times would be subtracted from ours. `url` is
 * where its control port is. Rejects with TestbedError.
 */
export async function refuseOtherClock(
  name: string,
  url: string,
  port: Pick<Control, 'nowMs'>,
  clock: Clock = systemClock,
): Promise<void> {
  const beforeMs = clock.now();
  const nowMs = await port.nowMs();
  const afterMs = clock.now();
  if (beforeMs - toleranceMs <= nowMs && nowMs <= afterMs + toleranceMs) return;
  const differMs = Math.max(beforeMs - nowMs, nowMs - afterMs);
  throw new TestbedError(
    'clock-differs',
    `${name} at ${url} has a clock that is ${duration(differMs)} off this machine's, so their times can't be compared: run the lab and all of Spillway's services on one machine`,
  );
}
