import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

/**
 * Outlives the lab by a moment. Its stdin names what must not survive: `process 123`, `folder /tmp/x`, and
 * `gone 123` for a process that has ended by itself; and what must be run then, `command {"argv":["docker","…"],"input":""}`,
 * or `needless …` for one that need not any more. When stdin ends, for whatever reason, all that is left is removed.
 */
const processes = new Set<number>();
const folders = new Set<string>();
const commands = new Set<string>();

// A Ctrl-C is meant for the lab; we end when it does.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);

for await (const line of createInterface({ input: process.stdin })) {
  const [kind, rest = ''] = line.split(/ (.*)/s);
  if (kind === 'process') processes.add(Number(rest));
  if (kind === 'gone') processes.delete(Number(rest));
  if (kind === 'folder') folders.add(rest);
  if (kind === 'command') commands.add(rest);
  if (kind === 'needless') commands.delete(rest);
}
// First as the group that it may lead, with all that it has started.
for (const id of [...processes].flatMap((pid) => [-pid, pid])) {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // It has ended in the meantime, or leads no group.
  }
}
for (const command of commands) {
  const { argv, input } = JSON.parse(command);
  const [file, ...args] = argv;
  spawnSync(file, args, { input, stdio: ['pipe', 'ignore', 'inherit'] });
}
for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
