import { readFileSync } from 'node:fs';
import type { Clock } from '#kit/clock.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import { poll } from '#lab/testbed/readiness.ts';
import type { Child } from './launch.ts';

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Reads the fields of `/proc/<pid>/stat` after the name in parentheses, which may have any characters. */
const fieldsOf = (pid: number): string[] | undefined =>
  contentOf(`/proc/${pid}/stat`)?.split(') ').at(-1)?.split(' ');

/** Returns the kernel's start time of a process; '' if only its existence is known, undefined if it has ended. */
export function startOf(pid: number): string | undefined {
  const fields = fieldsOf(pid);
  if (!fields) return isAlive(pid) ? '' : undefined;
  // A zombie: it has ended, but its parent has not asked how.
  return fields[0] === 'Z' ? undefined : fields[19];
}

/** True if a process was stopped by SIGSTOP; undefined if it has ended, or without /proc. */
export function isStopped(pid: number): boolean | undefined {
  const fields = fieldsOf(pid);
  return fields && fields[0] === 'T';
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Number of files that a process opens beside its connections: logs, modules, pipes, control ports. */
const besides = 100;

/** Reads the soft limit of open files from `/proc/self/limits`, infinite if there is none. Node raises it to the hard limit. */
export const limitIn = (limits = ''): number =>
  Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);

/** Explains why a process can't have so many connections, and what to do; undefined if it can. */
export function tooFewFiles(
  connections: number,
  limit = limitIn(contentOf('/proc/self/limits')),
): string | undefined {
  const needed = connections + besides;
  if (limit >= needed) return undefined;
  return `expected a limit of at least ${needed} open files for ${connections} connections, got ${limit}: raise it (ulimit -n ${needed}), or set fewer \`connections\` in the experiment`;
}

/** Normally a process stops, and continues, within one turn of the scheduler. */
const effectWithinMs = 5000;

/** Sends a signal and waits until the process has stopped or continued. Rejects with TestbedError if it hasn't within 5 s. */
export async function signalled(child: Child, signal: 'SIGSTOP' | 'SIGCONT', clock: Clock): Promise<void> {
  child.kill(signal);
  const hasEffect = () => isStopped(child.pid) !== (signal === 'SIGCONT');
  if (await poll(hasEffect, { everyMs: 1, withinMs: effectWithinMs + 1, clock })) return;
  const still = signal === 'SIGCONT' ? 'stands still' : 'goes on';
  const message = `${child.name} ${still} ${effectWithinMs / 1000} s after ${signal}`;
  throw new TestbedError('fault-failed', message);
}
