import { Abort } from '#kit/abort.ts';
import { ensureConsumer } from '#kit/broker/broker.ts';
import type { Broker, Delivered, Pull } from '#kit/broker/client.ts';
import { type Clock, deadline, sleep } from '#kit/clock.ts';
import type { ConsumerConfig } from './config.ts';
import type { HandlerSlots } from './slots.ts';

const pauseMs = 100;
const drainMs = 2000;

/** Handles a message; must not reject. */
export type Handle = (message: Delivered) => Promise<void>;

/** Limit of the default prefetch. Ack waits of buffered messages run, and each uses up a delivery at a stop. */
const prefetchUsual = 64;

type Ahead = Pick<ConsumerConfig, 'concurrency' | 'prefetch'>;

interface IntakeParts {
  readonly handlerSlots: HandlerSlots;
  readonly handle: Handle;
  /** Receives the error when pulling fails, and undefined when it works again. */
  readonly report: (error: unknown) => void;
  /** Receives messages that got no slot before the stop. */
  readonly giveBack: (message: Delivered) => void;
  readonly clock: Clock;
}

/** Pulls messages and hands each to a handler while fewer than `concurrency` slots are in use. */
export function intakeOf(
  { concurrency, prefetch = Math.min(concurrency, prefetchUsual) }: Ahead,
  { handlerSlots, handle, report, giveBack, clock }: IntakeParts,
) {
  const stopping = new Abort();
  const { signal } = stopping;
  /** Messages that got no slot before the stop. */
  const returned: Delivered[] = [];
  let pull: Pull | undefined;
  let loop: Promise<void> = Promise.resolve();

  /** Hands a message to a handler once a slot is free. */
  const take = async (message: Delivered) => {
    const isTaken = await handlerSlots.take(concurrency, signal);
    if (isTaken) void handle(message).then(() => handlerSlots.release());
    else returned.push(message);
  };
  /** Drains the pull. Closes it if it has ended, or after a time limit, since a silent broker never ends the drain. */
  const endPull = async () => {
    const ending = pull;
    if (ending) await deadline(ending.drain(), drainMs, clock).catch(() => ending.close());
  };
  const takeAll = async (broker: Broker, ackWaitMs: number) => {
    while (!signal.aborted) {
      try {
        await ensureConsumer(broker, ackWaitMs);
        pull = await broker.pull(prefetch);
        if (signal.aborted) await endPull();
        report(undefined);
        for await (const message of pull.messages) await take(message);
      } catch (error) {
        report(error);
        await sleep(pauseMs, clock, signal).catch(() => undefined);
      }
    }
  };
  return {
    /** Starts pulling. Creates the stream's consumer again, with `ackWaitMs`, if it was deleted. */
    start(broker: Broker, ackWaitMs: number): void {
      loop = takeAll(broker, ackWaitMs);
    },
    /** Stops pulling and gives back buffered messages; running handlers go on. */
    async stop(): Promise<void> {
      stopping.abort();
      handlerSlots.wake();
      await endPull();
      await loop;
      // Done after the pull has ended, since the pull would receive these messages again.
      for (const message of returned) giveBack(message);
    },
  };
}
