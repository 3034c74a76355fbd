import { processFault } from './injectable.ts';

/** SIGTERM: the process finishes the work that it has accepted, which may outlast the fault, and ends. */
export const stop = processFault({
  description: 'SIGTERM; started again when the fault is cleared.',
  state: 'stopped',
  returns: true,
  begin: async () => undefined,
  during: ({ testbed }, { target }) => testbed.end(target, 'SIGTERM'),
  end: ({ testbed }, { target, config }) => testbed.restart(target, config),
});
