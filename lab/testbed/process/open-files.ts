import { readFileSync } from 'node:fs';

/** Files that a process of Spillway opens besides its connections: logs, modules, pipes, control ports. */
const besides = 100;

/** Reads the limit of open files from `/proc/self/limits`, infinite if there is none. Node raises it to the hard limit. */
export function limitIn(limits: string): number {
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? [];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}

/** The limit of open files of this process and its children; infinite where that is not known. */
function openFilesMax(): number {
  try {
    return limitIn(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** Why a process can't have so many connections, and what to do; undefined where it can. */
export function tooFewFiles(connections: number, limit = openFilesMax()): string | undefined {
  const needed = connections + besides;
  if (limit >= needed) return undefined;
  return `expected a limit of at least ${needed} open files for ${connections} connections, got ${limit}: raise it (ulimit -n ${needed}), or set fewer \`connections\` in the experiment`;
}
