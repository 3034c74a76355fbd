import { type Static, Type } from 'typebox';
import { HttpClientOption } from '#kit/http-client/option.ts';
import { strict } from '#kit/schema/schema.ts';
import { Seed } from '#kit/schema/seed.ts';
import { Backoff } from '#policies/backoff.ts';
import { Pipeline } from '#policies/pipeline.ts';

export const ConsumerConfig = strict({
  seed: Seed('Decides the chance in the policies and the redelivery: jitter.'),
  concurrency: Type.Integer({
    default: 16,
    minimum: 1,
    maximum: 1000,
    description: 'Events handled at once.',
  }),
  prefetch: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1000,
      description:
        'Events fetched ahead at most, whose ack wait runs; by default as many as are handled at once, up to 64.',
    }),
  ),
  redelivery: strict(
    {
      maxRetries: Type.Integer({
        default: 3,
        minimum: 0,
        maximum: 100,
        description: 'Before it is dead-lettered.',
      }),
      backoff: Backoff,
      maxRefusedMs: Type.Number({
        default: 60_000,
        minimum: 0,
        maximum: 36_000_000,
        description:
          'Time for which an event may be refused by its policies before it is dead-lettered. A refusal uses up no redelivery: the event keeps its slot, unless a budget refused it, and asks again.',
      }),
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
  ackWaitMs: Type.Integer({
    default: 30_000,
    minimum: 1000,
    maximum: 3_600_000,
    description: 'After this long without a sign of life of the consumer the stream delivers an event again.',
  }),
});
export type ConsumerConfig = Static<typeof ConsumerConfig>;

/** Why a paused consumer is not ready. */
export const whilePaused = 'paused';
