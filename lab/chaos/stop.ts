import type { Kind } from './kind.ts';

/** SIGTERM: the process finishes what it has accepted and ends. */
export const stop: Kind = {
  begin: (testbed, target) => testbed.end(target, 'SIGTERM'),
  end: (testbed, target, config) => testbed.restart(target, config),
};
