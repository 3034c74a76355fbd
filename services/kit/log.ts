import { type Logger, pino } from 'pino';
import { withoutPasswords } from './urls.ts';

export type { Logger };

/** Returns a logger that writes JSON lines to stdout and hides passwords in URLs. `level` is one of pino's. */
export function createLog(name: string, level: string): Logger {
  return pino({
    name,
    level,
    base: { name, pid: process.pid },
    hooks: { streamWrite: withoutPasswords },
  });
}
