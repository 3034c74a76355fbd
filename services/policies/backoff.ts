import { type Static, Type } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { strict, tagged } from '#kit/schema/schema.ts';

const msMax = 3_600_000;

const kinds = {
  constant: strict({
    delayMs: Type.Number({ minimum: 0, maximum: msMax }),
    jitter: Type.Enum(['none', 'full', 'equal'], { default: 'none' }),
  }),
  exponential: strict({
    baseMs: Type.Number({ default: 20, minimum: 0, maximum: msMax }),
    capMs: Type.Number({ default: 400, minimum: 0, maximum: msMax }),
    jitter: Type.Enum(['none', 'full', 'equal', 'decorrelated'], { default: 'full' }),
  }),
};

/** How long to wait before another try. */
export const Backoff = {
  ...tagged('kind', kinds, { description: 'The wait before another try.' }),
  default: { kind: 'exponential' },
};
export type Backoff = Static<typeof Backoff>;

/** A delay from the retries made before it, a draw from [0, 1), and the delay before it, if there was one. */
type Delay<Options> = (options: Options, retry: number, draw: number, previousMs?: number) => number;

const jitters = {
  none: (ms: number) => ms,
  full: (ms: number, draw: number) => draw * ms,
  equal: (ms: number, draw: number) => ms / 2 + draw * (ms / 2),
};

const delays: { [K in keyof typeof kinds]: Delay<Static<(typeof kinds)[K]>> } = {
  constant: ({ delayMs, jitter }, _retry, draw) => jitters[jitter](delayMs, draw),
  exponential({ baseMs, capMs, jitter }, retry, draw, previousMs = baseMs) {
    if (jitter === 'decorrelated') return Math.min(capMs, baseMs + draw * (3 * previousMs - baseMs));
    return jitters[jitter](Math.min(capMs, baseMs * 2 ** retry), draw);
  },
};

/**
 * The delay in ms before retry 0, 1, 2 … With e = min(cap, base·2^retry) and U uniform: none e · full U(0, e) ·
 * equal e/2 + U(0, e/2) · decorrelated min(cap, U(base, 3·previous)), after the AWS article "Exponential backoff and jitter".
 */
export const backoffMs: Delay<Backoff> = (options, ...situation) =>
  (delays[options.kind] as Delay<Backoff>)(options, ...situation);

/** What a schema can't say: fields that contradict each other. */
export function backoffProblems(options: Backoff): Problem[] {
  if (options.kind !== 'exponential' || options.capMs >= options.baseMs) return [];
  const { baseMs, capMs } = options;
  return [{ pointer: '/capMs', message: `expected a number >= baseMs (${baseMs}), got ${capMs}` }];
}
