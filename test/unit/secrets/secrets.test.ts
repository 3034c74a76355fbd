import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeSecrets } from '#secrets/secrets.ts';
import { testFolder } from '#test/support/folder.ts';

function folders() {
  const root = testFolder();
  for (const folder of ['spillway', 'broker', 'grafana']) mkdirSync(join(root, folder));
  const read = (folder: string, file: string) => readFileSync(join(root, folder, file), 'utf8');
  return { root, read };
}

test('makeSecrets makes up secrets of 192 bits, no two alike, and says which files it wrote', () => {
  const { root, read } = folders();
  const written = makeSecrets(root);
  expect(written.map((file) => file.split('/').at(-1))).toEqual([
    'control-token',
    'credentials',
    'consumer-credentials',
    'authorization.conf',
    'grafana-password',
  ]);
  const [, password = ''] = /^spillway:(.*)\n$/.exec(read('broker', 'credentials'))!;
  const [, ofConsumer = ''] = /^consumer:(.*)\n$/.exec(read('broker', 'consumer-credentials'))!;
  const secrets = [
    read('spillway', 'control-token').trimEnd(),
    password,
    ofConsumer,
    read('grafana', 'grafana-password').trimEnd(),
  ];
  for (const secret of secrets) expect(secret).toMatch(/^[\w-]{32}$/);
  expect(new Set(secrets).size).toBe(4);
  const authorization = read('broker', 'authorization.conf');
  expect(authorization).toContain(`user: spillway, password: "${password}"`);
  expect(authorization).toContain(`user: consumer, password: "${ofConsumer}"`);
});

test('makeSecrets leaves read-only files for all users, and nothing else', () => {
  const { root } = folders();
  for (const file of makeSecrets(root)) expect(statSync(file).mode & 0o777).toBe(0o444);
  expect(readdirSync(join(root, 'broker')).sort()).toEqual([
    'authorization.conf',
    'consumer-credentials',
    'credentials',
  ]);
});

test('makeSecrets keeps existing secrets, and recreates incomplete ones', () => {
  const { root, read } = folders();
  makeSecrets(root);
  const token = read('spillway', 'control-token');
  const credentials = read('broker', 'credentials');
  expect(makeSecrets(root)).toEqual([]);
  rmSync(join(root, 'broker', 'authorization.conf'));
  chmodSync(join(root, 'broker', 'credentials'), 0o400);
  expect(makeSecrets(root)).toHaveLength(3);
  expect(read('spillway', 'control-token')).toBe(token);
  expect(read('broker', 'credentials')).not.toBe(credentials);
});

test('makeSecrets gives each server of a cluster a configuration, with one password for the routes', () => {
  const { root, read } = folders();
  const member = (name: string, ...routes: string[]) => ({ name, listen: '0.0.0.0:6222', routes });
  makeSecrets(root, [member('nats-1', 'nats-2:6222'), member('nats-2', 'nats-1:6222')]);
  const first = read('broker', 'nats-1.conf');
  const folder = 'jetstream { store_dir: /data/nats-1, sync_interval: $SYNC_INTERVAL }';
  expect(first.startsWith(`include ../nats.conf\n${folder}\nserver_name: nats-1\n`)).toBe(true);
  const [, password = ''] = /user: route, password: "([\w-]{32})"/.exec(first)!;
  expect(first).toContain(`routes: ["nats://route:${password}@nats-2:6222"]`);
  expect(read('broker', 'nats-2.conf')).toContain(`routes: ["nats://route:${password}@nats-1:6222"]`);
});
