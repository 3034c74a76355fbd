import { readFileSync } from 'node:fs';
import type { Clock } from '#kit/clock.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { poll } from '#lab/world/readiness.ts';
import type { Child } from './launch.ts';

/** Reads the fields of `/proc/<pid>/stat` after the name. The name stands in parentheses and may contain spaces. */
function fieldsOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
  } catch {
    return undefined;
  }
}

/**
 * Returns the kernel's start time of a process; undefined if it has ended. Without /proc, returns '' for a running
 * process.
 */
export function startOf(pid: number): string | undefined {
  const fields = fieldsOf(pid);
  if (!fields) return isAlive(pid) ? '' : undefined;
  // A zombie has ended, but its parent has not yet read its exit code.
  return fields[0] === 'Z' ? undefined : fields[19];
}

/** True if a process is stopped by SIGSTOP; undefined if it has ended, or if there is no /proc. */
export function isStopped(pid: number): boolean | undefined {
  const fields = fieldsOf(pid);
  return fields && fields[0] === 'T';
}

/** True if a process exists, of whichever user. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Maximum time until a signal has an effect. It usually takes less than a millisecond. */
const effectWithinMs = 5000;

/**
 * Sends a signal and waits until the process has stopped or continued. Rejects with TestbedError after 5 s without an
 * effect.
 */
export async function signalled(child: Child, signal: 'SIGSTOP' | 'SIGCONT', clock: Clock): Promise<void> {
  child.kill(signal);
  const hasEffect = () => isStopped(child.pid) !== (signal === 'SIGCONT');
  if (await poll(hasEffect, { everyMs: 1, withinMs: effectWithinMs + 1, clock })) return;
  const still = signal === 'SIGCONT' ? 'stands still' : 'goes on';
  const message = `${child.name} ${still} ${effectWithinMs / 1000} s after ${signal}`;
  throw new TestbedError('fault-failed', message);
}
