import { strict } from '#kit/schema.ts';
import { kind } from './kind.ts';

/** SIGTERM: the process finishes what it has accepted and ends. */
export const stop = kind({
  options: strict({}, { description: 'SIGTERM; started again when the fault is mended.' }),
  done: 'stopped',
  begin: ({ testbed }, { target }) => testbed.end(target, 'SIGTERM'),
  end: ({ testbed }, { target, config }) => testbed.restart(target, config),
});
