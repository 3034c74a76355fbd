import { strict } from '#kit/schema/schema.ts';
import { kind } from './kind.ts';

/** Off the network: the process goes on, and whatever is sent to it or by it vanishes. */
export const disconnect = kind({
  options: strict(
    {},
    { description: 'Off the network, with its connections left as they are; with --engine compose.' },
  ),
  done: 'cut off',
  begin: ({ testbed }, { target }) => testbed.disconnect(target),
  end: ({ testbed }, { target }) => testbed.reconnect(target),
});
