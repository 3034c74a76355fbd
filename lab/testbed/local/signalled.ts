import { type Clock, sleep } from '#kit/clock.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import type { Child } from '#lab/testbed/process/child.ts';
import { isStopped } from '#lab/testbed/process/proc.ts';

/** A process stands still, and goes on, within a turn of the scheduler. */
const takenWithinMs = 5000;

/** Sends a process a signal; resolves when it has been seen to have taken. Rejects with TestbedError where it has not within 5 s. */
export async function signalled(child: Child, signal: 'SIGSTOP' | 'SIGCONT', clock: Clock): Promise<void> {
  child.kill(signal);
  const lateAtMs = clock.now() + takenWithinMs;
  while (isStopped(child.pid) === (signal === 'SIGCONT')) {
    if (clock.now() > lateAtMs) {
      const still = signal === 'SIGCONT' ? 'stands still' : 'goes on';
      throw new TestbedError(
        'fault-failed',
        `${child.name} ${still} ${takenWithinMs / 1000} s after ${signal}`,
      );
    }
    await sleep(1, clock);
  }
}
