import type { Static } from 'typebox';
import { choice, flag, integer, number, Seed, strict } from '#kit/schema/schema.ts';
import { Backoff } from '#policies/backoff.ts';
import { Pipeline } from '#policies/pipeline.ts';

export const ConsumerConfig = strict({
  seed: Seed('Determines the jitter of policies and redelivery.'),
  concurrency: integer({ from: 1, to: 1000, default: 16 }, 'Maximum number of events handled at once.'),
  prefetch: integer(
    { from: 1, to: 1000, optional: true },
    'Maximum number of events fetched ahead. The ack wait of an event starts when it is fetched. Default: `concurrency`, at most 64.',
  ),
  redelivery: strict(
    {
      maxRetries: integer({ from: 0, to: 100, default: 3 }, 'Redeliveries before an event is dead-lettered.'),
      backoff: Backoff,
      maxRefusedMs: number(
        { from: 0, to: 36_000_000, default: 60_000 },
        'Longest time for which policies may refuse an event, before it is dead-lettered. Until then it is tried again, without using up a redelivery, and occupies a handler unless a budget refused it.',
      ),
      by: choice(
        { of: ['consumer', 'server'], default: 'consumer' },
        "Process that times the delay: the consumer, or the broker (`server`). The broker's timers fall behind above about 100 redeliveries per second.",
      ),
    },
    { default: {}, description: 'Number and delays of the redeliveries of a failed event.' },
  ),
  policies: Pipeline,
  paused: flag({ default: false }, 'Takes no events, and returns those not yet begun.'),
  ackWaitMs: integer(
    { from: 1000, to: 3_600_000, default: 30_000 },
    'Time without a signal from the consumer after which the stream delivers an event again.',
  ),
});
export type ConsumerConfig = Static<typeof ConsumerConfig>;

export const whilePaused = 'paused';
