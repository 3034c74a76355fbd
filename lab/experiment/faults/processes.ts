import type { TObject } from 'typebox';
import { documented } from '#kit/schema/schema.ts';
import type { Injectable } from './injectable.ts';

const fault = <S extends TObject>(parts: Injectable<S>): Injectable<S> => ({ exclusive: true, ...parts });

export const processFaults = {
  kill: fault({
    options: documented('SIGKILL. The process is started again when the fault is cleared.', {}),
    state: 'killed',
    returns: true,
    begin: ({ testbed }, { target }) => testbed.end(target, 'SIGKILL'),
    end: ({ testbed }, { target, config }) => testbed.restart(target, config),
  }),
  // Before it ends, the process finishes its accepted work, which may take longer than the fault.
  stop: fault({
    options: documented('SIGTERM. The process is started again when the fault is cleared.', {}),
    state: 'stopped',
    returns: true,
    begin: async () => undefined,
    during: ({ testbed }, { target }) => testbed.end(target, 'SIGTERM'),
    end: ({ testbed }, { target, config }) => testbed.restart(target, config),
  }),
  pause: fault({
    options: documented('SIGSTOP. The process does nothing, and its connections stay open.', {}),
    state: 'paused',
    stops: () => true,
    begin: ({ testbed }, { target }) => testbed.pause(target),
    end: ({ testbed }, { target }) => testbed.resume(target),
  }),
};
