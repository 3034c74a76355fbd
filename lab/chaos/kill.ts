import type { Kind } from './kind.ts';

/** SIGKILL: the process is gone at once, with all it had in memory. */
export const kill: Kind = {
  begin: (testbed, target) => testbed.end(target, 'SIGKILL'),
  end: (testbed, target, config) => testbed.restart(target, config),
};
