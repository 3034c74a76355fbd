import { type Static, Type } from 'typebox';
import { maxPendingDefault } from '#kit/broker/broker.ts';
import { strict } from '#kit/schema/schema.ts';

export const StreamConfig = strict(
  {
    maxPending: Type.Integer({
      default: maxPendingDefault,
      minimum: 1,
      maximum: 10_000_000,
      description: 'Messages the work stream holds; beyond that, new ones are refused.',
    }),
  },
  { default: {} },
);

export const PublisherConfig = strict({
  stream: StreamConfig,
  publishTimeoutMs: Type.Integer({
    default: 2000,
    minimum: 50,
    maximum: 60_000,
    description: "How long to try for the stream's acknowledgement, always with the same message id.",
  }),
});
export type PublisherConfig = Static<typeof PublisherConfig>;
