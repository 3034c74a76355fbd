import { once } from 'node:events';
import { jetstream } from '@nats-io/jetstream';
import { connectBroker, disconnectBroker, names } from '#kit/broker.ts';

const [role, url = '', eventsText] = process.argv.slice(2);
const events = Number(eventsText);
/** On their way at once, as many as the benchmark's consumer has in hand. */
const inFlight = 64;

// Publishes or takes so many events through the work stream as fast as it goes, from its first line on, and does nothing
// else with them: what the event path can't be faster than.
const broker = await connectBroker(url, `bare ${role}`, process.env.NATS_CREDENTIALS);
const client = jetstream(broker);
process.stdout.write('ready\n');
await once(process.stdin, 'data');
if (role === 'publish') {
  let next = 0;
  const publish = async () => {
    while (next < events) await client.publish(names.subject, '{}', { msgID: `bare-${next++}` });
  };
  await Promise.all(Array.from({ length: inFlight }, publish));
} else {
  const consumer = await client.consumers.get(names.stream, names.consumer);
  let taken = 0;
  for await (const message of await consumer.consume({ max_messages: inFlight })) {
    message.ack();
    if (++taken === events) break;
  }
}
process.stdout.write('done\n');
await disconnectBroker(broker);
process.stdin.destroy();
