import type { Static } from 'typebox';
import { strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';

/** Numbers of servers. An even number would survive no more failures than the odd number below it. */
const numbers = [1, 3, 5] as const;

export const serversMax = Math.max(...numbers);

export const BrokerOptions = strict(
  {
    servers: Type.Enum([...numbers], {
      default: 1,
      description:
        'Number of servers. Several form a cluster; faults target nats-1, nats-2 …, nats-leader, nats-minority, nats-majority, or all (nats).',
    }),
    replicas: Type.Enum([...numbers], {
      default: 1,
      description:
        'Number of servers that store each stream. An event is acknowledged when a majority of them has stored it.',
    }),
    sync: Type.Enum(['interval', 'always'], {
      default: 'interval',
      description:
        "When the broker syncs to disk: at an interval (nats-server's default, every 2 minutes) or always (before each acknowledgement).",
    }),
  },
  {
    default: {},
    description: 'Options of the broker. The broker is restarted if the previous variant had another `sync`.',
  },
);
export type BrokerOptions = Static<typeof BrokerOptions>;

export const defaultBroker: BrokerOptions = { servers: 1, replicas: 1, sync: 'interval' };

/**
 * Returns nats-server's option `sync_interval`. The value is not `2m`, since nats-server reads `2m` from the
 * environment as two million seconds (23 days).
 */
export const syncInterval = ({ sync }: Pick<BrokerOptions, 'sync'>): string =>
  sync === 'always' ? 'always' : '120s';
