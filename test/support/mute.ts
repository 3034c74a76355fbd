import { createServer, type Server } from 'node:net';
import { listening } from './listening.ts';

/** Replaces a broker until the end of the test: accepts connections and sends nothing. */
export async function mute(): Promise<{ server: Server; natsUrl: string }> {
  const server = createServer();
  return { server, natsUrl: `nats://127.0.0.1:${await listening(server)}` };
}
