import type { Static } from 'typebox';
import { HttpClientOption } from '#kit/http-client/option.ts';
import { integer, number, Seed, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { Backoff } from '#policies/backoff.ts';
import { Pipeline } from '#policies/pipeline.ts';

export const ConsumerConfig = strict({
  seed: Seed('Determines the jitter of policies and redelivery.'),
  concurrency: integer(1, 1000, 'Events handled at once.', 16),
  prefetch: Type.Optional(
    integer(
      1,
      1000,
      'Most events fetched ahead; their ack wait already runs. Default: the events handled at once, at most 64.',
    ),
  ),
  redelivery: strict(
    {
      maxRetries: integer(0, 100, 'Redeliveries before an event is dead-lettered.', 3),
      backoff: Backoff,
      maxRefusedMs: number(
        0,
        36_000_000,
        'Time for which policies may refuse an event before it is dead-lettered. A refusal uses up no redelivery. The event keeps its slot, unless a budget refused it, and is tried again.',
        60_000,
      ),
      by: Type.Enum(['consumer', 'server'], {
        default: 'consumer',
        description:
          'Where the delay is timed: in the consumer, or in the server, whose timers starve above about 100 a second.',
      }),
    },
    { default: {}, description: 'How often, and after what delay, a failed event is delivered again.' },
  ),
  policies: Pipeline,
  httpClient: HttpClientOption,
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
