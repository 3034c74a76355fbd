import type { JetStreamManager } from '@nats-io/jetstream';
import type { TObject, TSchema } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import { type Declared, declare } from '#kit/fault/fault-kind.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import type { FaultContext, Injectable, Injection } from './injectable.ts';

type Options = TObject<Record<never, TSchema>>;

/** Resolves with whether the broker has done it. */
type Step = (manager: JetStreamManager, clock: Clock) => Promise<boolean>;

/** Declares a fault that the broker injects on request. */
export function brokerFault({
  begin,
  end,
  ...fault
}: Omit<Declared<Record<never, TSchema>, Injectable<Options>>, 'begin' | 'end'> & {
  readonly begin: Step;
  readonly end: Step;
}): Injectable<Options> {
  const run =
    (step: Step, verb: string) =>
    async ({ broker, clock }: FaultContext, { name }: Injection<Options>) => {
      const failed = (why: string, cause?: unknown) => {
        throw new TestbedError('fault-failed', `the fault ${name} did not ${verb}: ${why}`, { cause });
      };
      // Loaded on use: the experiment file knows every fault, and most commands need no broker.
      const { jetstreamManager } = await import('@nats-io/jetstream');
      const isDone = await jetstreamManager(broker, { checkAPI: false })
        .then((manager) => step(manager, clock))
        .catch((error: Error) => failed(error.message, error));
      if (!isDone) failed('the broker has it otherwise');
    };
  return declare<Record<never, TSchema>, Injectable<Options>>({
    ...fault,
    begin: run(begin, 'take'),
    end: run(end, 'end'),
  });
}
