import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { onTestFinished } from 'vitest';

/** Replaces a broker until the end of the test: accepts connections and sends nothing. */
export async function mute(): Promise<{ server: Server; natsUrl: string }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { server, natsUrl: `nats://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
