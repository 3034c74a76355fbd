import { sleep, systemClock } from '#kit/clock.ts';
import { exitCodes } from '#lab/errors/exit-codes.ts';
import { clearState, isRunning, readLastState } from '#lab/testbed/state.ts';
import { newsOf, obituaryOf } from './news.ts';

/** Stops the testbed that `up` started and waits until it is gone. Returns the exit code. */
export async function downCommand(): Promise<number> {
  const state = readLastState();
  if (!state || !isRunning(state)) {
    process.stdout.write(`${obituaryOf(state)}No testbed is up.\n`);
    clearState();
    return exitCodes.held;
  }
  process.kill(state.pid, 'SIGTERM');
  while (isRunning(state)) await sleep(50, systemClock);
  process.stdout.write(`${newsOf(state)}The testbed is down.\n`);
  return exitCodes.held;
}
