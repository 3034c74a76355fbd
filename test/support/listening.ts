import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type ServerOpts, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';

/** Starts a TCP server on a free port of loopback. The server and its connections end with the test. */
export async function bytesServer(onConnection: (socket: Socket) => void, options: ServerOpts = {}) {
  const sockets: Socket[] = [];
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
  });
  const server = createServer(options, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  return { server, sockets, port: await listening(server) };
}

/** Makes a server listen on loopback until the test is over, by default on a free port. Resolves with the port. */
export async function listening(
  server: Server & { closeAllConnections?: () => void },
  port = 0,
  host = '127.0.0.1',
): Promise<number> {
  onTestFinished(() => {
    server.closeAllConnections?.();
    server.close();
  });
  await once(server.listen(port, host), 'listening');
  return (server.address() as AddressInfo).port;
}
