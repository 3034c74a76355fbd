import { expect, test } from 'vitest';
import { clusterText } from '#kit/broker/cluster.ts';

const member = { name: 'nats-1', listen: '127.0.0.1:7001', routes: ['127.0.0.1:7002', '127.0.0.1:7003'] };

test('clusterText names the server, and has it open routes to the others with the password', () => {
  const text = clusterText(member, 'secret');
  expect(text).toMatch(/^server_name: nats-1\n/);
  expect(text).toContain('listen: "127.0.0.1:7001"');
  expect(text).toContain('authorization { user: route, password: "secret" }');
  const routes = '"nats://route:secret@127.0.0.1:7002", "nats://route:secret@127.0.0.1:7003"';
  expect(text).toContain(`routes: [${routes}]`);
});
