import { once } from 'node:events';
import { createServer } from 'node:net';
import { listening } from './listening.ts';

/** Returns a URL where nothing listens, and a function that starts a server there until the test is over. */
export async function silent(): Promise<{ url: string; listen: () => Promise<unknown> }> {
  const server = createServer();
  const port = await listening(server);
  await once(server.close(), 'close');
  return {
    url: `http://127.0.0.1:${port}`,
    listen: () => once(server.listen(port, '127.0.0.1'), 'listening'),
  };
}
