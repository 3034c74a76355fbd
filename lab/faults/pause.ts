import { strict } from '#kit/schema/schema.ts';
import { kind } from './kind.ts';

/** SIGSTOP: the process does nothing, and its connections stay open. */
export const pause = kind({
  options: strict({}, { description: 'SIGSTOP: it does nothing, and its connections stay open.' }),
  done: 'paused',
  halts: true,
  begin: ({ testbed }, { target }) => testbed.pause(target),
  end: ({ testbed }, { target }) => testbed.resume(target),
});
