import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePorts } from '#lab/world/local/free-ports.ts';

test('freePorts are different, and a server can listen on each', async () => {
  const ports = await freePorts(3);
  expect(new Set(ports).size).toBe(3);
  const servers = ports.map((port) => createServer().listen(port, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  for (const server of servers) server.close();
});
