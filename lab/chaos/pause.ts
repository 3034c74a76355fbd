import type { Kind } from './kind.ts';

/** SIGSTOP: the process does nothing, and its connections stay open. */
export const pause: Kind = {
  begin: (testbed, target) => testbed.pause(target),
  end: (testbed, target) => testbed.resume(target),
};
