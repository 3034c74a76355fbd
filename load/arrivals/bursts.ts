import { type Static, Type } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { strict } from '#kit/schema/schema.ts';
import { arrival, limits } from './arrival.ts';

const BurstsOptions = strict(
  {
    total: Type.Integer({ minimum: 1, maximum: limits.requests, description: 'Requests in all.' }),
    size: Type.Integer({
      minimum: 1,
      maximum: limits.requests,
      description: 'Requests in a burst; the last one may be smaller.',
    }),
    everyMs: Type.Number({
      exclusiveMinimum: 0,
      maximum: limits.durationMs,
      description: 'From the start of a burst to the start of the next.',
    }),
    spreadMs: Type.Number({
      minimum: 0,
      maximum: limits.durationMs,
      description: 'A burst is spread evenly over this time, which may not exceed everyMs.',
    }),
  },
  { description: 'Everybody at once, again and again.' },
);

type BurstsOptions = Static<typeof BurstsOptions>;

/** Request i of burst b is due at b·every + i·spread ÷ size. */
export const bursts = arrival({
  options: BurstsOptions,
  check(options) {
    const { everyMs, spreadMs } = options;
    const problems: Problem[] = [];
    if (spreadMs > everyMs)
      problems.push({
        pointer: '/spreadMs',
        message: `expected a number <= everyMs, ${everyMs}, got ${spreadMs}`,
      });
    if (durationMs(options) > limits.durationMs)
      problems.push({
        pointer: '/everyMs',
        message: `expected all bursts within ${limits.durationMs} ms, got ${durationMs(options)}`,
      });
    return problems;
  },
  plan: (options) => ({
    durationMs: durationMs(options),
    count: options.total,
    scheduledAtMs: inBursts(options),
  }),
  scale: (options, factor) => {
    const size = Math.max(1, Math.round(options.size * factor));
    // As many bursts, and as large a part of the last one.
    return { ...options, size, total: Math.max(1, Math.round((options.total * size) / options.size)) };
  },
});

/** Whole intervals, so that a phase of bursts that follows keeps the beat. */
const durationMs = ({ total, size, everyMs }: BurstsOptions): number => Math.ceil(total / size) * everyMs;

function* inBursts({ total, size, everyMs, spreadMs }: BurstsOptions): Iterable<number> {
  for (let i = 0; i < total; i++) yield Math.floor(i / size) * everyMs + ((i % size) * spreadMs) / size;
}
