import type { Experiment } from './schema.ts';

/** Whether any variant needs the broker: no other experiment touches its streams, or the services beside them. */
export const hasEvents = ({ variants }: Pick<Experiment, 'variants'>): boolean =>
  Object.values(variants).some(({ path }) => path === 'event');

/** Whether any variant calls the gateway. */
export const hasCalls = ({ variants }: Pick<Experiment, 'variants'>): boolean =>
  Object.values(variants).some(({ path }) => path === 'rpc');
