import { type Logger, pino } from 'pino';
import { withoutPasswords } from './urls.ts';

export type { Logger };

/** Returns a log of JSON lines on stdout, without passwords of URLs. `level` as in pino: `info`, `debug`, … */
export function createLog(name: string, level: string): Logger {
  return pino({
    name,
    level,
    base: { name, pid: process.pid },
    hooks: { streamWrite: withoutPasswords },
  });
}
