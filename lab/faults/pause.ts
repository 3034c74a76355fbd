import { processFault } from './injectable.ts';

export const pause = processFault({
  description: 'SIGSTOP: it does nothing, and its connections stay open.',
  state: 'paused',
  stops: () => true,
  begin: ({ testbed }, { target }) => testbed.pause(target),
  end: ({ testbed }, { target }) => testbed.resume(target),
});
