import type { TProperties } from 'typebox';
import { integer, number, positive, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';

/** The most rounds of a run. */
export const repeatMax = 100;
/** Largest factor of slow motion. */
export const slowMotionMax = 100;
export const msMax = 3_600_000;

const group = <P extends TProperties>(description: string, fields: P) =>
  strict(fields, { default: {}, description });
const ratio = (fallback: number, description: string) => number(0, 1, description, fallback);
const limit = (description: string, maximum = msMax, minimum = 0) =>
  Type.Optional(number(minimum, maximum, description));

export const Validity = group('Limits of the measurement, beyond which a run is invalid.', {
  lagP99Ms: limit('How late the generator may send (p99); by default 1 % of the deadline, at least 2.'),
  unsent: Type.Optional(
    integer(0, 10_000_000, "Requests that the generator's own cap may hold back; by default 0."),
  ),
  sleepExcessP99Ms: limit("How far downstream's sleep may exceed the modelled one (p99); by default 10."),
  sleepExcessRatio: limit(
    'The same as a share of the modelled sleep; the larger of both applies. Default: 0.1.',
    1,
  ),
  faultDelayMs: limit(
    'How late a fault may be injected, and how late it may be cleared if that starts no process. Default: 1000; for injection half of `forMs` if that is less.',
  ),
  stallMs: limit(
    'Longest pause of a process without a check whether it could have changed the verdict on a hypothesis. Default: 50.',
    msMax,
    50,
  ),
  reason: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2000,
      description: 'Why these limits suffice for the conclusions; required with any of them.',
    }),
  ),
});

export const Warmup = group('Sent before the first scheduled time; not part of any figure.', {
  requests: integer(1, 100_000, 'Four times as many before the first variant on a path.', 1000),
  concurrency: integer(
    1,
    16_384,
    "Requests under way at once. A service that is not Spillway's is ramped up to it from 1 while its latency does not rise, for 5 s at most.",
    200,
  ),
});

export const Capacity = strict(
  {
    nominalPerSecond: positive(100_000, 'Attempts per second that the rates in the file assume.'),
    timeoutMs: positive(
      60_000,
      'Time limit of an attempt. The capacity is the highest rate at which at most 5 % of attempts take longer or fail because of the load.',
    ),
  },
  { description: "Scales the rates of the load to the dependency's capacity, which `run` measures first." },
);

export const SlowMotion = Type.Unsafe<number | 'auto'>({
  type: ['integer', 'string'],
  minimum: 1,
  maximum: slowMotionMax,
  pattern: '^auto$',
  errorMessage: `expected a whole number from 1 to ${slowMotionMax}, or auto`,
  default: 1,
  description:
    "Multiplies every duration and divides every rate by a whole number, so that a slow machine can measure what a fast one can. Results are in the experiment's own time. `auto` measures what a request costs here and picks 1, 2, 4 or 8.",
});

export const Tolerance = group('Largest difference between a measured and a predicted value.', {
  countRatio: ratio(0.1, 'Of a predicted count; at least two standard errors, 2·√count.'),
  latencyRatio: ratio(0.1, 'Of a predicted latency.'),
  goodput: ratio(0.05, 'Of the offered requests.'),
});

export const Recovery = group('Rule by which a variant has recovered from a fault or a phase of the load.', {
  goodput: ratio(0.95, 'Share of the offered requests that complete within the deadline.'),
  relativeTo: Type.Enum(['offered', 'before'], {
    default: 'offered',
    description:
      'What the recovered goodput is a share of: all offered requests, or the goodput before the first fault on the path or the first phase to recover from.',
  }),
  overMs: integer(50, msMax, 'Window over which goodput is measured.', 5000),
  heldMs: integer(0, msMax, 'Time for which goodput must stay there.', 10_000),
});
