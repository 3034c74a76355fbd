import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filled, ownCommand } from '#lab/world/local/own-command.ts';
import { testFolder } from '#test/support/folder.ts';

const placed = { port: ['80'], dependency: ['a:1', 'b:2'], number: ['1', '2'] };

test.each([
  ['listen 80;', 'listen {{port}};', ['listen 80;']],
  ['a line for each replica', 'server s{{number}} {{dependency}};', ['server s1 a:1;', 'server s2 b:2;']],
  ['the same value twice', '{{port}} {{port}}', ['80 80']],
  ['no value, as it is', '{{other}} {x}', ['{{other}} {x}']],
])('filled writes %s', (_what, line, lines) => {
  expect(filled(line, placed)).toEqual(lines);
});

test('ownCommand fills in arguments and files, for the replicas of the dependency', () => {
  const [folder, scratch] = [testFolder(), testFolder()];
  writeFileSync(join(folder, 'nginx.conf'), 'a {\n  server {{dependency}};\n  listen {{listen}};\n}\n');
  const { file, args, listens, logFile } = ownCommand({
    ...{ name: 'gateway', folder, scratch, logs: '/logs', port: 4000 },
    command: ['nginx', '-p', '{{folder}}', '-c', '{{./nginx.conf}}', '{{dependency}}'],
    dependency: 'http://127.0.0.1:1,http://127.0.0.1:2',
  });
  const own = join(scratch, 'gateway');
  const copy = join(own, 'nginx.conf');
  expect([file, ...args]).toEqual(['nginx', '-p', own, '-c', copy, '127.0.0.1:1', '127.0.0.1:2']);
  expect(readFileSync(copy, 'utf8')).toBe(
    'a {\n  server 127.0.0.1:1;\n  server 127.0.0.1:2;\n  listen 127.0.0.1:4000;\n}\n',
  );
  expect({ listens, logFile }).toEqual({ listens: 4000, logFile: '/logs/gateway.log' });
});
