import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeSecrets } from '#secrets/secrets.ts';
import { testFolder } from '#test/support/folder.ts';

function folders() {
  const folder = testFolder();
  const all = { control: join(folder, 'c'), broker: join(folder, 'b'), grafana: join(folder, 'g') };
  for (const one of Object.values(all)) mkdirSync(one);
  const read = (name: keyof typeof all, file: string) => readFileSync(join(all[name], file), 'utf8');
  return { all, read };
}

test('makeSecrets makes up secrets of 192 bits, no two alike, and says which files it wrote', () => {
  const { all, read } = folders();
  const written = makeSecrets(all);
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
    read('control', 'control-token').trimEnd(),
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
  const { all } = folders();
  for (const file of makeSecrets(all)) expect(statSync(file).mode & 0o777).toBe(0o444);
  expect(readdirSync(all.broker).sort()).toEqual([
    'authorization.conf',
    'consumer-credentials',
    'credentials',
  ]);
});

test('makeSecrets keeps existing secrets, and recreates incomplete ones', () => {
  const { all, read } = folders();
  makeSecrets(all);
  const token = read('control', 'control-token');
  const credentials = read('broker', 'credentials');
  expect(makeSecrets(all)).toEqual([]);
  rmSync(join(all.broker, 'authorization.conf'));
  chmodSync(join(all.broker, 'credentials'), 0o400);
  expect(makeSecrets(all)).toHaveLength(3);
  expect(read('control', 'control-token')).toBe(token);
  expect(read('broker', 'credentials')).not.toBe(credentials);
});

test('makeSecrets recreates what a killed one left incomplete', () => {
  const { all } = folders();
  // Root may write it all the same, but not with another mode.
  writeFileSync(join(all.control, 'control-token.part'), '', { mode: 0o400 });
  makeSecrets(all);
  expect(readdirSync(all.control)).toEqual(['control-token']);
  expect(statSync(join(all.control, 'control-token')).mode & 0o777).toBe(0o444);
});
