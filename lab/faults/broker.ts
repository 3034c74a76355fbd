import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { TObject, TSchema } from 'typebox';
import { names } from '#kit/broker/broker.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { strict } from '#kit/schema/schema.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import { type Hands, type Kind, kind } from './kind.ts';

/** What happens within the broker, on request; each step resolves with whether it was seen to be done. */
interface Steps {
  begin(manager: JetStreamManager, clock: Clock): Promise<boolean>;
  end(manager: JetStreamManager, clock: Clock): Promise<boolean>;
}

function within(
  description: string,
  done: string,
  steps: Steps,
  more: Pick<Kind<TObject>, 'returns' | 'needs'> = {},
): Kind<TObject<Record<never, TSchema>>> {
  const step = async ({ broker, clock }: Hands, name: string, which: keyof Steps) => {
    const failed = (why: string, cause?: unknown) => {
      const message = `the fault ${name} did not ${which === 'begin' ? 'take' : 'end'}: ${why}`;
      throw new TestbedError('fault-failed', message, { cause });
    };
    const asked = jetstreamManager(broker, { checkAPI: false }).then((manager) =>
      steps[which](manager, clock),
    );
    const isDone = await asked.catch((error: Error) => failed(error.message, error));
    if (!isDone) failed('the broker has it otherwise');
  };
  return kind({
    options: strict({}, { description }),
    done,
    shares: true,
    ...more,
    begin: (hands, { name }) => step(hands, name, 'begin'),
    end: (hands, { name }) => step(hands, name, 'end'),
  });
}

/** Bounds the work stream to so many bytes, or not with -1. */
async function bound({ streams }: JetStreamManager, max_bytes: number): Promise<boolean> {
  const { config } = await streams.info(names.stream);
  const changed = await streams.update(names.stream, { ...config, max_bytes });
  return changed.config.max_bytes === max_bytes;
}

const backWithinMs = 10_000;

async function isBack({ consumers }: JetStreamManager, clock: Clock): Promise<boolean> {
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

/** Every fault that the broker brings about on request. */
export const brokerFaults = {
  'stream-full': within(
    'The work stream takes no event, as when it is full: its bound is one byte.',
    'full',
    {
      begin: (manager) => bound(manager, 1),
      end: (manager) => bound(manager, -1),
    },
  ),
  'consumer-deleted': within(
    "The stream's consumer is deleted once, under the process of that name, which must have made it anew by the end.",
    'without its consumer',
    {
      begin: ({ consumers }) => consumers.delete(names.stream, names.consumer),
      end: isBack,
    },
    { returns: true, needs: ['consumer', 'consumer->nats'] },
  ),
};
