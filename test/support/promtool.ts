import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { findExecutable } from '#lab/world/local/commands.ts';

/** Runs promtool, which comes with prometheus. Returns its output and exit status. */
export function promtool(...args: string[]): { status: number | null; said: string } {
  const prometheus = findExecutable('prometheus', process.env.SPILLWAY_PROMETHEUS);
  const file = join(dirname(prometheus!), 'promtool');
  const env = { ...process.env, GOGC: '400' }; // by default, a third of the time goes into collecting garbage
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', env });
  return { status, said: stdout + stderr };
}
