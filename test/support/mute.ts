import { createServer, type Server } from 'node:net';
import { listening } from './listening.ts';

/** Starts a server in a broker's place until the test is over. It accepts connections and sends nothing. */
export async function mute(): Promise<{ server: Server; natsUrl: string }> {
  const server = createServer();
  return { server, natsUrl: `nats://127.0.0.1:${await listening(server)}` };
}
