import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type JsMsg, jetstream } from '@nats-io/jetstream';
import { Pool } from 'undici';
import { connectBroker, disconnectBroker } from '#kit/broker/connect.ts';
import { names } from '#kit/broker/names.ts';
import { type DeliveryReport, finishedSubject } from '#kit/wire.ts';

const [role, natsUrl = '', downstreamUrl = ''] = process.argv.slice(2);
/** Events that the consumer handles at the same time, as in `events.ts`. */
const concurrency = 64;

// Makes the publisher's or the consumer's steps of the event path and nothing else, to compare Spillway with the least
// possible work. Prints a line once it is ready, and exits when its stdin ends.
const broker = await connectBroker(natsUrl, `bare ${role}`, process.env.NATS_CREDENTIALS);
const client = jetstream(broker);
if (role === 'publisher') {
  const server = createServer({ keepAliveTimeout: 72_000, noDelay: true }, (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    request.on('end', async () => {
      const { seq } = await client.publish(names.subject, body, { msgID: JSON.parse(body).id });
      response.statusCode = 202;
      response.setHeader('content-type', 'application/json');
      response.end(`{"seq":${seq}}`);
    });
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
    process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
  });
} else {
  const pool = new Pool(downstreamUrl, { connections: concurrency });
  const headers = { 'content-type': 'application/json' };
  const work = async (message: JsMsg) => {
    const body = message.string();
    const answer = await pool.request({ method: 'POST', path: '/work', headers, body });
    await answer.body.text();
    message.ack();
    // The generator needs the report to count the event as completed.
    const report: DeliveryReport = { id: JSON.parse(body).id, outcome: 'ok', delivery: 1, attempts: 1 };
    broker.publish(finishedSubject, JSON.stringify(report));
  };
  const consumer = await client.consumers.get(names.stream, names.consumer);
  await consumer.consume({ max_messages: concurrency, callback: (message) => void work(message) });
  process.stdout.write('consuming\n');
}
process.stdin.resume().on('end', async () => {
  await disconnectBroker(broker);
  process.exit();
});
