import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { onTestFinished } from 'vitest';

/** Returns a URL where nothing listens, and what has a server listen there until the test is over. */
export async function silent(): Promise<{ url: string; listen: () => Promise<unknown> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  const listen = () => {
    onTestFinished(() => void server.close());
    return once(server.listen(port, '127.0.0.1'), 'listening');
  };
  return { url: `http://127.0.0.1:${port}`, listen };
}
