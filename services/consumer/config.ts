import type { Static } from 'typebox';
import { integer, number, Seed, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { Backoff } from '#policies/backoff.ts';
import { Pipeline } from '#policies/pipeline.ts';

export const ConsumerConfig = strict({
  seed: Seed('Determines the jitter of policies and redelivery.'),
  concurrency: integer(1, 1000, 'Maximum number of events handled at once.', 16),
  prefetch: Type.Optional(
    integer(
      1,
      1000,
      'Maximum number of events fetched ahead. The ack wait of an event starts when it is fetched. Default: `concurrency`, at most 64.',
    ),
  ),
  redelivery: strict(
    {
      maxRetries: integer(0, 100, 'Redeliveries before an event is dead-lettered.', 3),
      backoff: Backoff,
      maxRefusedMs: number(
        0,
        36_000_000,
        'Longest time for which policies may refuse an event. Until then the event is tried again, without using up a redelivery; after it, the event is dead-lettered. A refused event occupies a handler, unless a budget refused it.',
        60_000,
      ),
      by: Type.Enum(['consumer', 'server'], {
        default: 'consumer',
        description:
          "Process that times the delay: the consumer, or the broker (`server`). The broker's timers fall behind above about 100 redeliveries per second.",
      }),
    },
    { default: {}, description: 'Number and delays of the redeliveries of a failed event.' },
  ),
  policies: Pipeline,
  paused: Type.Boolean({
    default: false,
    description: 'Takes no events, and returns those not yet begun.',
  }),
  ackWaitMs: integer(
    1000,
    3_600_000,
    'Time without a signal from the consumer after which the stream delivers an event again.',
    30_000,
  ),
});
export type ConsumerConfig = Static<typeof ConsumerConfig>;

/** Reason why a paused consumer is not ready. */
export const whilePaused = 'paused';
