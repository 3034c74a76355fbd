import { count, duration, none } from '#lab/format.ts';
import { named } from '#lab/report/key.ts';
import type { Result } from '#lab/result/result.ts';
import { type Section, table, verdictMark } from './section.ts';

/** What was sent again of the dead letters, and when. */
export function redrivesSection(result: Result): Section | null {
  const rows = result.variants.flatMap((variant) =>
    (variant.redrives ?? []).map(({ atMs, ratePerSecond, took, redriven, left, failure }) => [
      duration(atMs),
      `${count(ratePerSecond)} a second`,
      named(result, variant),
      took ? `${duration(took.fromMs)} – ${duration(took.untilMs)}` : none,
      count(redriven),
      count(left),
      failure === null ? '' : verdictMark(false, failure),
    ]),
  );
  if (rows.length === 0) return null;
  return {
    id: 'redrives',
    short: 'Redrives',
    title: 'Redrives',
    lead: 'Dead letters that were sent to the work stream again, in time since the first due time. A redriven event counts by what came of it in the end: late, in time, or dead again.',
    body: table({
      caption: 'Redrives as they were asked for, and as they came',
      of: 'texts',
      head: ['Asked at', 'At most', 'Variant', 'Took', 'Redriven', 'Left', 'Failure'],
      rows,
    }),
  };
}
