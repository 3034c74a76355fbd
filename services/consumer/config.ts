import type { Static } from 'typebox';
import { HttpClientOption } from '#kit/http-client/option.ts';
import { integer, number, Seed, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { Backoff } from '#policies/backoff.ts';
import { Pipeline } from '#policies/pipeline.ts';

export const ConsumerConfig = strict({
  seed: Seed('Decides the chance in the policies and the redelivery: jitter.'),
  concurrency: integer(1, 1000, 'Events handled at once.', 16),
  prefetch: Type.Optional(
    integer(
      1,
      1000,
      'Events fetched ahead at most, whose ack wait runs; by default as many as are handled at once, up to 64.',
    ),
  ),
  redelivery: strict(
    {
      maxRetries: integer(0, 100, 'Before it is dead-lettered.', 3),
      backoff: Backoff,
      maxRefusedMs: number(
        0,
        36_000_000,
        'Time for which an event may be refused by its policies before it is dead-lettered. A refusal uses up no redelivery: the event keeps its slot, unless a budget refused it, and asks again.',
        60_000,
      ),
      by: Type.Enum(['consumer', 'server'], {
        default: 'consumer',
        description:
          'Who waits for that delay: the consumer, or the server, whose timers starve above about 100 a second.',
      }),
    },
    { default: {}, description: 'How often and after what delay an event that failed is delivered again.' },
  ),
  policies: Pipeline,
  httpClient: HttpClientOption,
  paused: Type.Boolean({
    default: false,
    description: 'Takes no events; what it has not begun it gives back.',
  }),
  ackWaitMs: integer(
    1000,
    3_600_000,
    'After this long without a sign of life of the consumer the stream delivers an event again.',
    30_000,
  ),
});
export type ConsumerConfig = Static<typeof ConsumerConfig>;

/** Reason why a paused consumer is not ready. */
export const whilePaused = 'paused';
