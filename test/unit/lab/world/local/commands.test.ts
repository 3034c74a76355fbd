import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { findExecutable, natsServerCommand } from '#lab/world/local/commands.ts';
import { testFolder } from '#test/support/folder.ts';

test('findExecutable takes only a file that may be executed', () => {
  const folder = testFolder();
  const [program, text] = [join(folder, 'program'), join(folder, 'text')];
  writeFileSync(program, '', { mode: 0o755 });
  writeFileSync(text, '', { mode: 0o644 });
  const found = [program, text, folder, join(folder, 'lost')].map((path) => findExecutable('x', path));
  expect(found).toEqual([program, undefined, undefined, undefined]);
});

test('natsServerCommand gives only a server of a cluster a single core', () => {
  vi.stubEnv('SPILLWAY_NATS_SERVER', process.execPath);
  const folder = join(testFolder(), 'jetstream');
  const member = { name: 'nats-1', listen: '127.0.0.1:7001', routes: [] };
  expect(natsServerCommand(-1, folder, 'log', { member }).env).toEqual({ GOMAXPROCS: '1' });
  expect(natsServerCommand(-1, folder, 'log').env).toBe(undefined);
  vi.unstubAllEnvs();
});
