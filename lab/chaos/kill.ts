import type { ProcessName } from '#lab/engine/testbed.ts';
import type { Breakable } from './faults.ts';

/** SIGKILL: the process is gone at once, with all it had in memory. */
export const kill = {
  begin: (testbed: Breakable, target: ProcessName): Promise<void> => testbed.kill(target),
  end: (testbed: Breakable, target: ProcessName, config: unknown): Promise<void> =>
    testbed.restart(target, config),
};
