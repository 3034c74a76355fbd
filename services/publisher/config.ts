import type { Static } from 'typebox';
import { maxPendingDefault } from '#kit/broker/names.ts';
import { integer, strict } from '#kit/schema/schema.ts';

export const StreamConfig = strict(
  {
    maxPending: integer(
      { from: 1, to: 10_000_000, default: maxPendingDefault },
      'Maximum number of messages in the work stream. Further messages are refused.',
    ),
  },
  { default: {}, description: 'Bound of the work stream.' },
);

/** Time for which an event is published at full speed. */
export const publishTimeoutMsDefault = 2000;

export const PublisherConfig = strict({
  stream: StreamConfig,
  replicas: integer(
    { from: 1, to: 5, default: 1 },
    'Number of servers of the broker that store each stream.',
  ),
  publishTimeoutMs: integer(
    { from: 50, to: 200_000, default: publishTimeoutMsDefault },
    "How long to try for the stream's acknowledgement, always with the same message id.",
  ),
});
export type PublisherConfig = Static<typeof PublisherConfig>;
