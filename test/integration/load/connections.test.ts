import { expect, test } from 'vitest';
import { ConnectError } from '#load/sending/connections.ts';
import { httpConnections } from '#load/sending/http-connections.ts';
import { serve } from '#test/support/http-server.ts';
import { until } from '#test/support/until.ts';

async function connectionsTo(size: number) {
  const server = await serve(() => {});
  return { server, connections: httpConnections([server.address], size) };
}

async function opened(size: number) {
  const all = await connectionsTo(size);
  await all.connections.open();
  return all;
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
  const { connections } = await opened(3);
  const [a, b, c] = [connections.take()!, connections.take()!, connections.take()!];
  expect(new Set([a, b, c]).size).toBe(3);
  expect(connections.take()).toBeUndefined();
  connections.give(b);
  connections.give(a);
  expect(connections.take()).toBe(a);
  expect(connections.take()).toBe(b);
});

test('take gives a broken one last', async () => {
  const { connections } = await opened(2);
  const [a, b] = [connections.take()!, connections.take()!];
  connections.give(a);
  b.close();
  connections.give(b);
  expect(connections.take()).toBe(a);
  expect(connections.take()).toBe(b);
});

test('take and takeOldest go to the replicas in turn, and give brings each back where it was', async () => {
  const servers = [await serve(() => {}), await serve(() => {})];
  const connections = httpConnections(
    servers.map(({ address }) => address),
    2,
  );
  await connections.open();
  await until(() => servers.every(({ connects }) => connects === 2));
  const take = () => connections.take()!;
  const [a, b, c, d] = [take(), take(), take(), take()];
  expect([connections.take(), connections.take()]).toEqual([undefined, undefined]);
  connections.give(a);
  connections.give(b);
  // The replicas take turns, and each has one free connection: first `a` of replica 1, then `b` of replica 2.
  expect([connections.take(), connections.take()]).toEqual([a, b]);
  connections.give(c);
  expect([connections.takeOldest(), connections.takeOldest()]).toEqual([c, undefined]);
  connections.give(d);
  connections.close();
  await until(() => servers.every(({ sockets }) => sockets.size === 0));
});
