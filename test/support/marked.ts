import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { startSpillway } from './spillway.ts';
import { until } from './until.ts';

/**
 * The command's working folder, a new one for each test. Every process of the command carries it in its environment, by
 * which what is left can be found.
 */
export let marker: string;

/** Gives each test of a file a marker, and ends what still carries it afterwards. */
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

/** Starts the `spillway` command so that what it leaves can be found. */
export const spillway = (args: readonly string[], env: NodeJS.ProcessEnv = {}) => ({
  ...startSpillway(args, { folder: marker, env }),
  out: join(marker, 'runs'),
});

/** A process of the command whose command line matches, as soon as there is one. */
export const processOf = (pattern: RegExp): Promise<number> =>
  until(() => survivors().find((pid) => pattern.test(commandLineOf(pid))), String(pattern), 60_000);

/** The command line of a process, empty when there is none. */
export function commandLineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // it has ended in the meantime
  }
}

/** Resolves when nothing of the command is left. */
export async function gone(): Promise<void> {
  await until(() => survivors().length === 0, 'no process is left');
}
