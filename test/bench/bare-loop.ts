import { AckPolicy, type JsMsg, jetstream, jetstreamManager, RetentionPolicy } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Pool } from 'undici';
import { systemClock } from '#kit/clock.ts';

const [servers, downstream, count, concurrency] = process.argv.slice(2) as [string, string, string, string];

// Publishes events, takes them from their stream again, makes a call for each and acknowledges it, with the clients
// alone. Prints the events per second from the first delivery to the last acknowledgement.
const connection = await connect({ servers });
const manager = await jetstreamManager(connection);
const name = `bare-${process.pid}`;
await manager.streams.add({ name, subjects: [name], retention: RetentionPolicy.Workqueue });
const max_ack_pending = 1000;
await manager.consumers.add(name, {
  durable_name: name,
  ack_policy: AckPolicy.Explicit,
  max_ack_pending,
});
const stream = jetstream(connection);
const pool = new Pool(downstream, { connections: Number(concurrency) });
const total = Number(count);
for (let sent = 0; sent < total; sent += 1000)
  await Promise.all(
    Array.from({ length: 1000 }, (_, i) => stream.publish(name, '{}', { msgID: `r${sent + i}` })),
  );

const startedAtMs = systemClock.now();
const messages = await (await stream.consumers.get(name, name)).consume({ max_messages: 64 });
const over = Promise.withResolvers<void>();
let free = Number(concurrency);
let freed = () => {};
let left = total;
const handle = async (message: JsMsg) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await pool.request({ method: 'POST', path: '/', headers, body: message.data });
  await answer.body.text();
  message.ack();
  free += 1;
  freed();
  left -= 1;
  if (left === 0) over.resolve();
};
void (async () => {
  for await (const message of messages) {
    while (free === 0) {
      await new Promise<void>((resolve) => {
        freed = resolve;
      });
    }
    free -= 1;
    void handle(message);
  }
})();
const longestMs = 60_000;
const limit = setTimeout(async () => {
  const info = JSON.stringify(await manager.consumers.info(name, name));
  throw new Error(`${left} of ${total} events did not arrive within ${longestMs} ms: ${info}`);
}, longestMs);
await over.promise;
clearTimeout(limit);
await connection.flush();
process.stdout.write(`${(total * 1000) / (systemClock.now() - startedAtMs)}\n`);
await manager.streams.delete(name);
await connection.close();
process.exit();
