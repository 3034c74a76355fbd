import { connect } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { loginOf } from '#kit/login.ts';
import { finishedSubject, requestId } from '#kit/wire.ts';
import { startLocal } from '#lab/engine/local.ts';
import type { Testbed } from '#lab/engine/testbed.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { accounted, runText } from '#test/support/run-text.ts';

const text = countedExperiment({
  load: constant(100, 2000),
  drainMs: 5000,
  downstream: { model: { kind: 'fixed', latencyMs: 5 } },
  variants: { it: onPath('event', 500) },
  // While it is paused, no event is finished: each completion would be a forged one.
  faults: [{ name: 'f', atMs: 500, forMs: 500, target: 'consumer', fault: { kind: 'pause' } }],
});

test('the broker refuses completions from all but the consumer, with and without a login', async () => {
  const tried = Promise.withResolvers<unknown[]>();
  const result = await runText(text, async (logFolder) => {
    const testbed = await startLocal({ logFolder });
    const pause = testbed.pause.bind(testbed);
    testbed.pause = async (name) => {
      await pause(name);
      tried.resolve([await forge(testbed, undefined), await forge(testbed, testbed.natsCredentials)]);
    };
    return testbed;
  });
  expect(await tried.promise).toMatchObject([
    { name: 'AuthorizationError' },
    { name: 'PermissionViolationError', operation: 'publish', subject: finishedSubject },
  ]);
  expect(accounted(result, 200).outcomes).toMatchObject({ ok: expect.any(Number), dead: 0 });
});

/** Reports all events as dead; resolves with why that was refused, if it was. */
async function forge({ natsUrl }: Testbed, credentials: string | undefined): Promise<unknown> {
  try {
    const connection = await connect({ servers: natsUrl, ...loginOf(credentials), reconnect: false });
    const refused = (async () => {
      for await (const status of connection.status()) if (status.type === 'error') return status.error;
      return undefined;
    })();
    for (let index = 0; index < 200; index++) {
      const news = { id: requestId(index), outcome: 'dead', attempts: 1 };
      connection.publish(finishedSubject, JSON.stringify(news));
    }
    await connection.flush();
    await connection.close();
    return await refused;
  } catch (error) {
    return error;
  }
}
