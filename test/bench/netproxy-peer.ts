import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const chunk = Buffer.alloc(256 * 1024);

/** Sends `workerData` bytes, then ends. */
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

// Other end of the benchmark's connections, on a separate thread.
parentPort!.postMessage({
  flood: await serve(flood),
  echo: await serve((socket) => void socket.pipe(socket)),
});
