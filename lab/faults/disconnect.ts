import { processFault } from './injectable.ts';

export const disconnect = processFault({
  description: 'Off the network, with its connections left as they are; with --engine compose.',
  state: 'cut off',
  begin: ({ testbed }, { target }) => testbed.disconnect(target),
  end: ({ testbed }, { target }) => testbed.reconnect(target),
});
