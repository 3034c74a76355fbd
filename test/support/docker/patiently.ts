import { vi } from 'vitest';

/** Repeats a check until it is true. Gives up after a minute, since containers are slow. */
export const patiently = (ask: () => Promise<boolean>, what: string): Promise<boolean> =>
  vi.waitUntil(ask, { timeout: 60_000, interval: 500 }).catch((cause) => {
    throw new Error(`still not after 60 s: ${what}`, { cause });
  });
