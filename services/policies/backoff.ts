import type { Static } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { choice, documented, number, tagged } from '#kit/schema/schema.ts';

const msMax = 3_600_000;

const kinds = {
  constant: documented('The same wait before each retry.', {
    delayMs: number({ from: 0, to: msMax }, 'Wait before each retry.'),
    jitter: choice(
      { of: ['none', 'full', 'equal'], default: 'none' },
      'For a delay d: `none` waits d, `full` a random time from 0 to d, `equal` a random time from d/2 to d.',
    ),
  }),
  exponential: documented(
    'A wait that doubles with each retry: d = min(capMs, baseMs · 2^retry), with retry = 0, 1, 2 … By default, three retries wait at most 20 + 40 + 80 = 140 ms.',
    {
      baseMs: number(
        { from: 0, to: msMax, default: 20 },
        'Wait before the first retry. It doubles with each further retry.',
      ),
      capMs: number({ from: 0, to: msMax, default: 400 }, 'Longest wait.'),
      jitter: choice(
        { of: ['none', 'full', 'equal'], default: 'full' },
        'Randomness of the wait, as for `constant`.',
      ),
    },
  ),
};

export const Backoff = {
  ...tagged('kind', kinds, { description: 'Wait before the next try.' }),
  default: { kind: 'exponential' },
};
export type Backoff = Static<typeof Backoff>;

const jitters = {
  none: (ms: number) => ms,
  full: (ms: number, draw: number) => draw * ms,
  equal: (ms: number, draw: number) => ms / 2 + draw * (ms / 2),
};

/**
 * Returns the delay in ms before a retry. `retry` counts from 0, and `draw` is from [0, 1). The formulas are from the AWS
 * article "Exponential backoff and jitter". With e = min(cap, base·2^retry) and U uniform:
 * - none: e
 * - full: U(0, e)
 * - equal: e/2 + U(0, e/2)
 */
export function backoffMs(options: Backoff, retry: number, draw: number): number {
  if (options.kind === 'constant') return jitters[options.jitter](options.delayMs, draw);
  const { baseMs, capMs, jitter } = options;
  return jitters[jitter](Math.min(capMs, baseMs * 2 ** retry), draw);
}

/** Returns the longest sum in ms of the delays before so many retries. */
export function longestBackoffsMs(options: Backoff, retries: number): number {
  let ms = 0;
  for (let retry = 0; retry < retries; retry++) ms += backoffMs(options, retry, 1);
  return ms;
}

export function backoffProblems(options: Backoff): Problem[] {
  if (options.kind !== 'exponential' || options.capMs >= options.baseMs) return [];
  const { baseMs, capMs } = options;
  return [{ pointer: '/capMs', message: `expected a number >= baseMs (${baseMs}), got ${capMs}` }];
}
