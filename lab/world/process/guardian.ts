import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * Lines from stdin that are not revoked. `+` adds a line, `-` revokes it: `+process 123`, `-process 123`, `+folder
 * /tmp/x`, `+command ["docker","…"]`. Stdin ends with the lab. Then the guardian kills these
 * processes, runs these commands, and removes these folders.
 */
const lines = new Set<string>();

// The guardian ignores Ctrl-C, since it must outlive the lab.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('+')) lines.add(line.slice(1));
  else lines.delete(line.slice(1));
}

const all = (kind: string): string[] =>
  [...lines].flatMap((line) => (line.startsWith(`${kind} `) ? line.slice(kind.length + 1) : []));

// A negative id kills the process group of this id, if the process leads a group.
for (const id of all('process').flatMap((pid) => [-Number(pid), Number(pid)])) {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // The process has ended, or leads no group.
  }
}
for (const command of all('command')) {
  const [file, ...args] = JSON.parse(command);
  spawnSync(file, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}
for (const folder of all('folder')) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
