import type { TObject, TSchema } from 'typebox';
import type { Broker, Manager } from '#kit/broker/client.ts';
import { names } from '#kit/broker/names.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { strict } from '#kit/schema/schema.ts';
import { TestbedError } from '#lab/experiment/errors/testbed-error.ts';
import type { ServerName } from '#lab/experiment/topology/names.ts';
import type { FaultContext, Injectable, Injection } from './injectable.ts';

type Options = TObject<Record<never, TSchema>>;

/** Request to the broker. Resolves with true if the broker has carried it out. */
type Step = (manager: Manager, clock: Clock) => Promise<boolean>;

interface Parts extends Omit<Injectable<Options>, 'options' | 'begin' | 'end'> {
  readonly description: string;
  readonly begin: Step;
  readonly end: Step;
}

/** Defines a fault that is injected by requests to the broker. */
function fault({ description, begin, end, ...parts }: Parts): Injectable<Options> {
  const run =
    (step: Step, verb: string) =>
    async ({ broker, clock }: FaultContext, { name }: Injection<Options>) => {
      const failed = (why: string, cause?: unknown) => {
        throw new TestbedError('fault-failed', `the fault ${name} did not ${verb}: ${why}`, { cause });
      };
      const isDone = await broker
        .manager()
        .then((manager) => step(manager, clock))
        .catch((error: Error) => failed(error.message, error));
      if (!isDone) failed('the broker has it otherwise');
    };
  return {
    ...parts,
    whole: true,
    options: strict({}, { description }),
    begin: run(begin, 'take'),
    end: run(end, 'end'),
  };
}

/** Faults of the broker, by kind. */
export const brokerFaults = {
  'stream-full': fault({
    description: 'The work stream refuses events as if it were full. Its limit is set to one byte.',
    state: 'full',
    begin: (manager) => limit(manager, 1),
    end: (manager) => limit(manager, -1),
  }),
  'consumer-deleted': fault({
    description:
      "The stream's consumer is deleted once. The consumer process must have created it again by the end of the fault.",
    state: 'without its consumer',
    returns: true,
    needs: ['consumer', 'consumer->nats'],
    begin: ({ consumers }) => consumers.delete(names.stream, names.consumer),
    end: isBack,
  }),
};

/** Limits the bytes of the work stream; -1 removes the limit. Resolves with true if the broker has set this limit. */
async function limit({ streams }: Manager, max_bytes: number): Promise<boolean> {
  const { config } = await streams.info(names.stream);
  const changed = await streams.update(names.stream, { ...config, max_bytes });
  return changed.config.max_bytes === max_bytes;
}

const leaderWithinMs = 30_000;

/** Resolves with the server that leads the work stream. During an election, waits for the new leader. */
export async function leaderOf(broker: Broker, clock: Clock): Promise<ServerName> {
  const giveUpAtMs = clock.now() + leaderWithinMs;
  const { streams } = await broker.manager(1000);
  for (;;) {
    const found = await streams.info(names.stream).catch((error: Error) => error);
    if ('cluster' in found && found.cluster?.leader) return found.cluster.leader as ServerName;
    if (clock.now() > giveUpAtMs) {
      const reason = found instanceof Error ? found.message : 'the broker names none';
      const message = `the stream ${names.stream} has no leader that a fault could target: ${reason}`;
      throw new TestbedError('no-leader', message);
    }
    await sleep(20, clock);
  }
}

const backWithinMs = 10_000;

async function isBack({ consumers }: Manager, clock: Clock): Promise<boolean> {
  const giveUpAtMs = clock.now() + backWithinMs;
  for (;;) {
    const found = consumers.info(names.stream, names.consumer).then(
      () => true,
      () => false,
    );
    if (await found) return true;
    if (clock.now() > giveUpAtMs) return false;
    await sleep(20, clock);
  }
}
