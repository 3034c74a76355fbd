import { once } from 'node:events';
import type { Socket } from 'node:net';
import { test } from 'vitest';
import { reset } from '#kit/http/reset.ts';
import { tcpClient, tcpServer } from '#test/support/proxied.ts';

test.each<[string, (socket: Socket) => void]>([
  ['that is open', () => undefined],
  ['that closes its side first', (socket) => socket.end()],
  ['that has more to say than there is room for', (socket) => socket.end(Buffer.alloc(64 << 20))],
])('reset closes a socket %s', async (_sentence, before) => {
  const socket = await tcpClient(await tcpServer(() => undefined));
  before(socket);
  reset(socket);
  await once(socket, 'close');
});
