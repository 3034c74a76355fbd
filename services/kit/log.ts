import { type Logger, pino } from 'pino';
import { withoutPasswords } from './urls.ts';

export type { Logger };

/** Returns a log of JSON lines on stdout. It hides passwords in URLs. `level` is one of pino's: `info`, `debug`, … */
export function createLog(name: string, level: string): Logger {
  return pino({
    name,
    level,
    base: { name, pid: process.pid },
    hooks: { streamWrite: withoutPasswords },
  });
}
