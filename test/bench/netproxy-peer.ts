import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const chunk = Buffer.alloc(256 * 1024);

/** Sends as many bytes as `workerData` says, then ends the connection. */
function flood(socket: Socket): void {
  let left = workerData as number;
  const more = () => {
    while (left > 0) {
      left -= chunk.length;
      if (!socket.write(chunk)) {
        socket.once('drain', more);
        return;
      }
    }
    socket.end();
  };
  more();
}

async function serve(onConnection: (socket: Socket) => void): Promise<number> {
  const server = createServer({ noDelay: true }, onConnection).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

// Servers at the other end of the proxied connections, on a separate thread so that they don't slow down the benchmark.
parentPort!.postMessage({
  flood: await serve(flood),
  echo: await serve((socket) => void socket.pipe(socket)),
});
