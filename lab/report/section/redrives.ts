import { named } from '#lab/report/key.ts';
import type { RedriveResult, Result } from '#lab/result/result.ts';
import { count, duration, none } from '#lab/text/format.ts';
import { type Section, table, verdictMark } from './section.ts';

/** What was sent again of the dead letters, and when. */
export function redrivesSection(result: Result): Section | null {
  const rows = result.variants.flatMap((variant) =>
    (variant.redrives ?? []).map((redrive) => [
      duration(redrive.atMs),
      `${count(redrive.ratePerSecond)} a second`,
      named(result, variant),
      redrive.took ? `${duration(redrive.took.fromMs)} – ${duration(redrive.took.untilMs)}` : none,
      count(redrive.redriven),
      count(redrive.left),
      noteOn(redrive),
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
      head: ['Asked at', 'At most', 'Variant', 'Took', 'Redriven', 'Left', 'Note'],
      rows,
    }),
  };
}

/** What failed, or that there was nothing to do, as where a reason is misspelt. */
function noteOn({ took, redriven, left, failure }: RedriveResult) {
  if (failure !== null) return verdictMark(false, failure);
  return took && redriven + left === 0 ? 'met no dead letter of those it was to send' : '';
}
