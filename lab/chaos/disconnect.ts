import type { Kind } from './kind.ts';

/** Off the network: the process goes on, and whatever is sent to it or by it vanishes. */
export const disconnect: Kind = {
  begin: (testbed, target) => testbed.disconnect(target),
  end: (testbed, target) => testbed.reconnect(target),
};
