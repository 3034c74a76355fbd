import { readFileSync } from 'node:fs';

/** The processes that this one has started itself, and that still run. */
export const ownChildren = (): number[] =>
  readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
