import { strict } from '#kit/schema/schema.ts';
import { kind } from './kind.ts';

/** SIGTERM: the process takes nothing more, finishes what it has accepted, which may outlast the fault, and ends. */
export const stop = kind({
  options: strict({}, { description: 'SIGTERM; started again when the fault is mended.' }),
  done: 'stopped',
  returns: true,
  begin: async () => undefined,
  during: ({ testbed }, { target }) => testbed.end(target, 'SIGTERM'),
  end: ({ testbed }, { target, config }) => testbed.restart(target, config),
});
