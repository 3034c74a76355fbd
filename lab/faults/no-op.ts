import type { TObject } from 'typebox';
import { strict } from '#kit/schema/schema.ts';
import { leftAlone } from '#lab/result/incidents.ts';
import type { ProcessName } from '#lab/testbed/testbed.ts';
import type { Arrow } from '#lab/topology/connections.ts';
import type { Kind } from './kind.ts';

/** In the place of every kind in a run without faults: the time passes, and nothing is broken. */
export const nothing: Kind<TObject, ProcessName | Arrow> = {
  options: strict({}),
  done: leftAlone,
  shares: true,
  begin: async () => undefined,
  end: async () => undefined,
};
