import type { Static } from 'typebox';
import { strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';

export const BrokerOptions = strict(
  {
    sync: Type.Enum(['interval', 'always'], {
      default: 'interval',
      description:
        "When the broker syncs to disk: at an interval (nats-server's default, every 2 minutes) or always (before each acknowledgement).",
    }),
  },
  {
    default: {},
    description: 'Options of the broker. The broker is restarted if the previous variant had other options.',
  },
);
export type BrokerOptions = Static<typeof BrokerOptions>;

export const defaultBroker: BrokerOptions = { sync: 'interval' };

/**
 * Returns nats-server's option `sync_interval`. The value is not `2m`, since nats-server reads `2m` from the
 * environment as two million seconds (23 days).
 */
export const syncInterval = ({ sync }: BrokerOptions): string => (sync === 'always' ? 'always' : '120s');
