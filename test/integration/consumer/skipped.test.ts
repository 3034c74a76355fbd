import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { names } from '#kit/broker.ts';
import { withNats } from '#test/support/nats.ts';
import { until } from '#test/support/until.ts';
import { done } from '#test/support/upstream.ts';
import { ids, rig } from './rig.ts';

const nats = withNats();

test('what is published to a broker that forgot in a crash how far the stream had come is done, too', async () => {
  // It may have forgotten, too, what was acknowledged last, and then waits for that.
  const { publish, finished, reconnected, messages, news } = await rig(nats, { ackWaitMs: 1000 }, done);
  await publish(...ids(20));
  await finished(20);
  await until(async () => (await messages()) === 0);
  await nats.kill();
  // As it is when the crash comes between the removal of the last message and the first of a new file.
  const folder = join(nats.streamsFolder, names.stream, 'msgs');
  for (const file of readdirSync(folder)) rmSync(join(folder, file));
  await nats.restart();
  await reconnected();
  await publish(...Array.from({ length: 10 }, (_, index) => `r${20 + index}`));
  await finished(30);
  expect(new Set(news.map(({ id }) => id)).size).toBe(30);
  await until(async () => (await messages()) === 0);
});
