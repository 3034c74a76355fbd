import type { Static } from 'typebox';
import { maxPendingDefault } from '#kit/broker/names.ts';
import { integer, strict } from '#kit/schema/schema.ts';

export const StreamConfig = strict(
  {
    maxPending: integer(
      1,
      10_000_000,
      'Maximum number of messages in the work stream. Further messages are refused.',
      maxPendingDefault,
    ),
  },
  { default: {}, description: 'Bound of the work stream.' },
);

/** Time for which an event is published at full speed. */
export const publishTimeoutMsDefault = 2000;

export const PublisherConfig = strict({
  stream: StreamConfig,
  replicas: integer(1, 5, 'Number of servers of the broker that store each stream.', 1),
  publishTimeoutMs: integer(
    50,
    200_000,
    "How long to try for the stream's acknowledgement, always with the same message id.",
    publishTimeoutMsDefault,
  ),
});
export type PublisherConfig = Static<typeof PublisherConfig>;
