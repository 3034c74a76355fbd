import { processFault } from './injectable.ts';

export const kill = processFault({
  description: 'SIGKILL; started again when the fault is cleared.',
  state: 'killed',
  returns: true,
  begin: ({ testbed }, { target }) => testbed.end(target, 'SIGKILL'),
  end: ({ testbed }, { target, config }) => testbed.restart(target, config),
});
