import { readFileSync } from 'node:fs';

/** Of `/proc/<pid>/stat`, the fields after the name in parentheses, which may hold anything; undefined where there is none. */
function fieldsOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  } catch {
    return undefined;
  }
}

/** The kernel's start time of a process; '' where only its existence can be told, undefined when it has ended. */
export function startOf(pid: number): string | undefined {
  const fields = fieldsOf(pid);
  if (!fields) return isAlive(pid) ? '' : undefined;
  // One that has ended stays in the list until its parent asks how, which may be never.
  return fields[0] === 'Z' ? undefined : fields[19];
}

/** Whether it stands still by SIGSTOP; undefined where it has ended, or nobody can tell. */
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
