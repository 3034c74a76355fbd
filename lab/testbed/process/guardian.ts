import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * Outlives the lab by a moment. Its stdin adds and revokes what must not survive: `+process 123`, `-process 123`,
 * `+folder /tmp/x`, or a command to run, `+command {"argv":["docker","…"],"input":""}`. When stdin ends, it removes the rest.
 */
const lines = new Set<string>();

// Ctrl-C is for the lab; the guardian ends after it.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('+')) lines.add(line.slice(1));
  else lines.delete(line.slice(1));
}

const all = (kind: string): string[] =>
  [...lines].flatMap((line) => (line.startsWith(`${kind} `) ? line.slice(kind.length + 1) : []));

// First the process group that it may lead.
for (const id of all('process').flatMap((pid) => [-Number(pid), Number(pid)])) {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // It has ended, or leads no group.
  }
}
for (const command of all('command')) {
  const { argv, input } = JSON.parse(command);
  const [file, ...args] = argv;
  spawnSync(file, args, { input, stdio: ['pipe', 'ignore', 'inherit'] });
}
for (const folder of all('folder')) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
