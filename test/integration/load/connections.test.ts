import { expect, test } from 'vitest';
import { ConnectError, Connections } from '#load/http/connections.ts';
import { serve, until } from './server.ts';

async function connectionsTo(size: number) {
  const server = await serve(() => {});
  return { server, connections: new Connections(server.address, size) };
}

test('open connects them all, and only those that are not', async () => {
  const { server, connections } = await connectionsTo(200);
  await connections.open();
  await connections.open();
  connections.close();
  await until(() => server.connects >= 200 && server.sockets.size === 0);
  expect(server.connects).toBe(200);
});

test('open says how far it came and why', async () => {
  const { server, connections } = await connectionsTo(200);
  server.close();
  await expect(connections.open()).rejects.toThrow(ConnectError);
  await expect(connections.open()).rejects.toThrow(
    /^cannot connect to 127\.0\.0\.1:\d+ \(0 of 200 connections are open\): connect ECONNREFUSED/,
  );
});

test('take gives each one out once, the last used first', async () => {
  const { connections } = await connectionsTo(3);
  await connections.open();
  const [a, b, c] = [connections.take()!, connections.take()!, connections.take()!];
  expect(new Set([a, b, c]).size).toBe(3);
  expect(connections.take()).toBeUndefined();
  connections.give(b);
  connections.give(a);
  expect(connections.take()).toBe(a);
  expect(connections.take()).toBe(b);
});

test('take gives a broken one last', async () => {
  const { connections } = await connectionsTo(2);
  await connections.open();
  const [a, b] = [connections.take()!, connections.take()!];
  connections.give(a);
  b.close();
  connections.give(b);
  expect(connections.take()).toBe(a);
  expect(connections.take()).toBe(b);
});

test('takeOldest goes through them all', async () => {
  const { connections } = await connectionsTo(3);
  await connections.open();
  const seen = new Set();
  for (let i = 0; i < 3; i++) {
    const one = connections.takeOldest()!;
    seen.add(one);
    connections.give(one);
  }
  expect(seen.size).toBe(3);
});

test('close closes them all', async () => {
  const { server, connections } = await connectionsTo(10);
  await connections.open();
  connections.close();
  await until(() => server.sockets.size === 0);
});
