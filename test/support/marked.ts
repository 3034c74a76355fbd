import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { startSpillway } from './spillway.ts';
import { until } from './until.ts';

/**
 * Folder in which the command runs, new for each test. It is the TMPDIR of every process of the command, so that tests
 * can find leftover processes.
 */
export let marker: string;

/** Gives each test of a file a marker. After the test, kills the processes that still have it as TMPDIR. */
export function withMarker(): void {
  beforeEach(() => {
    marker = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  });
  afterEach(() => {
    for (const pid of survivors()) process.kill(pid, 'SIGKILL');
    rmSync(marker, { recursive: true });
  });
}

/** Returns the processes whose TMPDIR is `folder`, by default the marker. */
export function survivors(folder = marker): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`TMPDIR=${folder}`);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Starts the `spillway` command with the marker, so that leftover processes can be found. */
export const spillway = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => ({
  ...startSpillway(args, { folder: marker, env }),
  out: join(marker, 'runs'),
});

/** Waits for a process of the command with a matching command line. Resolves with its pid. */
export const processOf = (pattern: RegExp): Promise<number> =>
  until(() => survivors().find((pid) => pattern.test(commandLineOf(pid))), String(pattern), 60_000);

/** Returns the command line of a process, empty if the process doesn't exist. */
export function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // the process has ended in the meantime
  }
}

/** Resolves when no process of the command is left. */
export async function gone(): Promise<void> {
  await until(() => survivors().length === 0, 'no process is left');
}
