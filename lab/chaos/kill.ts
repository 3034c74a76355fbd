import type { ProcessName, Testbed } from '#lab/engine/testbed.ts';

/** SIGKILL: the process is gone at once, with all it had in memory. */
export const kill = {
  begin: (testbed: Testbed, target: ProcessName): Promise<void> => testbed.kill(target),
  end: (testbed: Testbed, target: ProcessName, config: unknown): Promise<void> =>
    testbed.restart(target, config),
};
