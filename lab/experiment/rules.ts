import type { TProperties } from 'typebox';
import { integer, number, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';

export const repeatMax = 100;
export const slowMotionMax = 100;
export const msMax = 3_600_000;

const group = <P extends TProperties>(description: string, fields: P) =>
  strict(fields, { default: {}, description });
const ratio = (fallback: number, description: string) =>
  number({ from: 0, to: 1, default: fallback }, description);
const limit = (description: string, maximum = msMax, minimum = 0) =>
  number({ from: minimum, to: maximum, optional: true }, description);

export const Validity = group('Limits of the measurement, beyond which a run is invalid.', {
  lagP99Ms: limit(
    'Maximum delay of sending requests, 99th percentile. Default: 1 % of the deadline, at least 2 ms.',
  ),
  unsent: integer(
    { from: 0, to: 10_000_000, optional: true },
    'Maximum number of requests left unsent because no connection is free. Default: 0.',
  ),
  sleepExcessP99Ms: limit(
    'Maximum time by which downstream may sleep longer than its model says, 99th percentile. Default: 10.',
  ),
  sleepExcessRatio: limit(
    '`sleepExcessP99Ms` as a share of the modelled sleep. The larger of the two limits applies. Default: 0.1.',
    1,
  ),
  faultDelayMs: limit(
    'Longest delay when injecting or clearing a fault. Default: 1000; for injection also at most half of `forMs`.',
  ),
  stallMs: limit(
    'Shortest stall of a process that may change a verdict. Default: a quarter of the shortest time limit of the variant.',
    msMax,
    50,
  ),
  reason: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2000,
      description: 'Why these limits suffice for the conclusions. Required if any limit is set.',
    }),
  ),
});

export const Warmup = group(
  'Requests sent before the first scheduled time. They are not part of any figure.',
  {
    requests: integer(
      { from: 1, to: 100_000, default: 1000 },
      'Number of requests for each replica. The first variant of a path gets four times as many.',
    ),
    concurrency: integer(
      { from: 1, to: 16_384, default: 200 },
      "Maximum number of requests under way at once. A service of yours gets 1 at first, then 2, 4 … while latency doesn't rise, and none after 5 s.",
    ),
  },
);

export const SlowMotion = Type.Unsafe<number | 'auto'>({
  type: ['integer', 'string'],
  minimum: 1,
  maximum: slowMotionMax,
  pattern: '^auto$',
  errorMessage: `expected a whole number from 1 to ${slowMotionMax}, or auto`,
  default: 1,
  description:
    'Multiplies every duration and divides every rate, so that a slow machine can run the experiment. Results are converted back. `auto` measures this machine, and picks 1, 2, 4 or 8.',
});

export const Recovery = group('Rule by which a variant has recovered from a fault or a phase of the load.', {
  goodput: ratio(0.95, 'Goodput that counts as recovered, as a share of the offered requests.'),
  overMs: integer({ from: 50, to: msMax, default: 5000 }, 'Length of a window in which goodput is measured.'),
  heldMs: integer(
    { from: 0, to: msMax, default: 10_000 },
    'Time for which goodput must stay at or above `recovery.goodput`.',
  ),
});
