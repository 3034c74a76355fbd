import { type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on stdout. `level` as in pino: `info`, `debug`, … */
export function createLog(name: string, level: string): Logger {
  return pino({
    name,
    level,
    base: { name, pid: process.pid },
  });
}
