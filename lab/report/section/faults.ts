import { duration, none } from '#lab/report/format.ts';
import { named } from '#lab/report/key.ts';
import type { Result } from '#lab/result.ts';
import { type Section, table, verdictMark } from './section.ts';

/** What the lab broke and mended, and when. */
export function faultsSection(result: Result): Section | null {
  const rows = result.variants.flatMap((variant) =>
    (variant.faults ?? []).map(({ name, done, target, asked, took }) => [
      name,
      done,
      target,
      `${duration(asked.fromMs)} – ${duration(asked.untilMs)}`,
      named(result, variant),
      took ? duration(took.fromMs) : verdictMark(false, 'never'),
      took ? duration(took.untilMs) : none,
    ]),
  );
  if (rows.length === 0) return null;
  return {
    id: 'faults',
    short: 'Faults',
    title: 'Faults',
    lead: 'What the lab broke and mended, in time since the first due time. A fault took when its target was broken, and was gone when its target could do its work again.',
    body: table({
      caption: 'Faults as they were asked for, and as they came',
      of: 'texts',
      head: ['Fault', 'What', 'Target', 'Asked', 'Variant', 'Took at', 'Gone at'],
      rows,
    }),
  };
}
