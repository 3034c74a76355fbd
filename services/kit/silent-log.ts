import type { Logger } from './log.ts';

const nothing = () => undefined;

/** Log that writes nothing. To create one by pino takes longer than the rest of a service's start. */
export const silentLog = {
  fatal: nothing,
  error: nothing,
  warn: nothing,
  info: nothing,
} as unknown as Logger;
