import { expect, onTestFinished, test } from 'vitest';
import { type DeliveryReport, finishedSubject } from '#kit/wire.ts';
import { natsCompletions } from '#load/completions.ts';
import { withNats } from '#test/support/nats.ts';
import { until } from '#test/support/until.ts';

const nats = withNats();

/** Connects to a real broker. After `listen`, `all` has the completions received from it. `say` publishes a text. */
async function received() {
  const completions = await natsCompletions(nats.url);
  onTestFinished(() => completions.close());
  const broker = await nats.connect();
  const all: DeliveryReport[] = [];
  return {
    broker,
    all,
    listen: () => completions.listen((report) => all.push(report)),
    say: (text: string) => broker.publish(finishedSubject, text),
  };
}

const completionOf = (id: string) => JSON.stringify({ id, outcome: 'ok', attempts: 1 });

test('natsCompletions receives completions until it is stopped, and ignores anything else', async () => {
  const { all, broker, listen, say } = await received();
  const stop = await listen();
  const tooLong = completionOf('x'.repeat(1000));
  for (const text of ['nonsense', '{}', 'null', '{"id":"r0","outcome":"late"}', tooLong, completionOf('r1')])
    say(text);
  await until(() => all.length > 0);
  expect(all).toEqual([{ id: 'r1', outcome: 'ok', attempts: 1 }]);
  stop();
  say(completionOf('r2'));
  await broker.flush();
  await listen();
  say(completionOf('r3'));
  await until(() => all.length > 1);
  expect(all[1]?.id).toBe('r3');
});

test.each([
  { id: 'r1', outcome: 'ok' },
  { id: 'r1', outcome: 'dead', attempts: 0 },
  { id: 'r1', outcome: 'redelivered', delivery: 1, redrives: 2, attempts: 3 },
])('natsCompletions takes the report %j as it is', async (report) => {
  const { all, listen, say } = await received();
  await listen();
  say(JSON.stringify(report));
  await until(() => all.length > 0);
  expect(all).toEqual([report]);
});

test.each([
  { attempts: -1 },
  { attempts: 0.5 },
  { attempts: '1' },
  { attempts: 1e9 },
  { delivery: 0 },
  { redrives: -1 },
])('natsCompletions takes no number of a report with %j', async (numbers) => {
  const { all, listen, say } = await received();
  await listen();
  say(JSON.stringify({ id: 'r1', outcome: 'ok', delivery: 1, redrives: 0, attempts: 1, ...numbers }));
  await until(() => all.length > 0);
  expect(all).toEqual([{ id: 'r1', outcome: 'ok' }]);
});
