import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { onTestFinished } from 'vitest';

/** Has a server listen on loopback until the test is over, by default on a free port. Resolves with the port. */
export async function listening(
  server: Server & { closeAllConnections?: () => void },
  port = 0,
): Promise<number> {
  onTestFinished(() => {
    server.closeAllConnections?.();
    server.close();
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}
