import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { awaitBroker, disconnectBroker } from '#kit/broker/connect.ts';
import { withNats } from '#test/support/nats.ts';
import { until } from '#test/support/until.ts';

const nats = withNats();

test('awaitBroker says what it waits for, and connects once the broker is there', async () => {
  await nats.kill();
  const lines: string[] = [];
  const log = pino(new Writable({ write: (line, _encoding, done) => done(void lines.push(String(line))) }));
  const connecting = awaitBroker({ NATS_URL: nats.url, NATS_CREDENTIALS: '' }, 'test', log);
  await until(() => lines.length > 0);
  expect(JSON.parse(lines[0]!).msg).toBe(`waiting for the broker at ${nats.url}`);
  await nats.restart();
  const connection = await connecting;
  onTestFinished(() => disconnectBroker(connection));
  expect(lines).toHaveLength(1);
});
