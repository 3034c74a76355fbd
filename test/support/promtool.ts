import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { findPrometheus } from '#lab/testbed/local/commands.ts';

/** Runs promtool, which comes with prometheus. Returns its output and exit status. */
export function promtool(...args: string[]): { status: number | null; said: string } {
  const file = join(dirname(findPrometheus()!), 'promtool');
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}
