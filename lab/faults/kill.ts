import { strict } from '#kit/schema/schema.ts';
import { kind } from './kind.ts';

/** SIGKILL: the process is gone at once, with all it had in memory. */
export const kill = kind({
  options: strict({}, { description: 'SIGKILL; started again when the fault is mended.' }),
  done: 'killed',
  returns: true,
  begin: ({ testbed }, { target }) => testbed.end(target, 'SIGKILL'),
  end: ({ testbed }, { target, config }) => testbed.restart(target, config),
});
