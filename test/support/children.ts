import { readFileSync } from 'node:fs';

/** Returns the running processes that this process has started itself. */
export const ownChildren = (): number[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
