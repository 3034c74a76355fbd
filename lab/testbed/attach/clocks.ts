import { type Clock, systemClock } from '#kit/clock.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import type { Control } from '#lab/testbed/control/control.ts';
import { duration } from '#lab/text/format.ts';

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
