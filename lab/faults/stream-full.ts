import type { JetStreamManager } from '@nats-io/jetstream';
import { names } from '#kit/broker/names.ts';
import { brokerFault } from './broker-fault.ts';

export const streamFull = brokerFault({
  description: 'The work stream takes no event, as when it is full: its bound is one byte.',
  state: 'full',
  begin: (manager) => limit(manager, 1),
  end: (manager) => limit(manager, -1),
});

/** Limits the work stream's size; -1 removes the limit. */
async function limit({ streams }: JetStreamManager, max_bytes: number): Promise<boolean> {
  const { config } = await streams.info(names.stream);
  const changed = await streams.update(names.stream, { ...config, max_bytes });
  return changed.config.max_bytes === max_bytes;
}
