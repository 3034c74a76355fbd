import { vi } from 'vitest';

/** Asks again and again until the answer is true; what happens in containers takes its time. */
export const patiently = (ask: () => Promise<boolean>, what: string): Promise<boolean> =>
  vi.waitUntil(ask, { timeout: 60_000, interval: 500 }).catch((cause) => {
    throw new Error(`still not after 60 s: ${what}`, { cause });
  });
