import { sleep, systemClock } from '#kit/clock.ts';
import { exitCodes } from '#lab/exit-codes.ts';
import { clearState, isRunning, readState } from '#lab/state.ts';

/** Stops the testbed that `up` started and waits until it is gone. Returns the exit code. */
export async function downCommand(): Promise<number> {
  const state = readState();
  if (!state) {
    clearState();
    process.stdout.write('No testbed is up.\n');
    return exitCodes.held;
  }
  process.kill(state.pid, 'SIGTERM');
  while (isRunning(state)) await sleep(50, systemClock);
  process.stdout.write('The testbed is down.\n');
  return exitCodes.held;
}
