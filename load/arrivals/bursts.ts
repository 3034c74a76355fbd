import type { Static } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { integer, number, positive, strict } from '#kit/schema/schema.ts';
import { arrival, limits } from './arrival.ts';

const BurstsOptions = strict(
  {
    total: integer(1, limits.requests, 'Requests in all.'),
    size: integer(1, limits.requests, 'Requests in a burst; the last one may be smaller.'),
    everyMs: positive(limits.durationMs, 'From the start of a burst to the start of the next.'),
    spreadMs: number(0, limits.durationMs, 'Time over which a burst is spread evenly; at most everyMs.'),
  },
  { description: 'All callers at once, repeatedly.' },
);

type BurstsOptions = Static<typeof BurstsOptions>;

/** Request i of burst b is due at b·every + i·spread ÷ size. */
export const bursts = arrival({
  options: BurstsOptions,
  check(options) {
    const { everyMs, spreadMs } = options;
    const expect = (isFine: boolean, pointer: string, expected: string, got: number): Problem[] =>
      isFine ? [] : [{ pointer, message: `expected ${expected}, got ${got}` }];
    const ms = durationMs(options);
    return [
      ...expect(spreadMs <= everyMs, '/spreadMs', `a number <= everyMs, ${everyMs}`, spreadMs),
      ...expect(ms <= limits.durationMs, '/everyMs', `all bursts within ${limits.durationMs} ms`, ms),
    ];
  },
  plan: (options) => ({
    durationMs: durationMs(options),
    count: options.total,
    scheduledAtMs: inBursts(options),
  }),
  scale(options, factor) {
    const size = Math.max(1, Math.round(options.size * factor));
    // Keeps the number of bursts, and the share of the last one.
    return { ...options, size, total: Math.max(1, Math.round((options.total * size) / options.size)) };
  },
});

/** Whole intervals, so that a phase of bursts that follows keeps the beat. */
const durationMs = ({ total, size, everyMs }: BurstsOptions): number => Math.ceil(total / size) * everyMs;

function* inBursts({ total, size, everyMs, spreadMs }: BurstsOptions): Iterable<number> {
  for (let i = 0; i < total; i++) yield Math.floor(i / size) * everyMs + ((i % size) * spreadMs) / size;
}
