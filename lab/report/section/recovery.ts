import type { Recovery } from '#lab/recovery.ts';
import { count, duration, none } from '#lab/report/format.ts';
import { named } from '#lab/report/key.ts';
import type { Result } from '#lab/result.ts';
import { type Section, table } from './section.ts';

/** How long each variant took to get over each fault, and what that cost. */
export function recoverySection(result: Result): Section | null {
  const rows = result.variants.flatMap((variant) =>
    (variant.windows ?? []).flatMap(({ name, recovery }) =>
      recovery
        ? [[name, named(result, variant), timeOf(recovery), count(recovery.lostGoodput), verdictOf(recovery)]]
        : [],
    ),
  );
  if (rows.length === 0) return null;
  const names = [...new Set(rows.map(([name]) => name))];
  return {
    id: 'recovery',
    short: 'Recovery',
    title: 'Recovery',
    lead: 'How long after the end of each fault the goodput was back, and stayed, by the rule of the experiment; and how many requests more would have been done in time, from when it began until then, at the goodput before it.',
    body: table({
      caption: 'Recovery from each fault',
      of: 'texts',
      head: ['From', 'Variant', 'Recovered', 'Goodput lost', ''],
      rows: names.flatMap((fault) => rows.filter(([name]) => name === fault)),
    }),
  };
}

const timeOf = ({ timeMs, watchedMs }: Recovery): string =>
  timeMs === null
    ? `not within ${duration(watchedMs)}`
    : timeMs === 0
      ? 'at once'
      : `after ${duration(timeMs)}`;

const verdictOf = ({ metastable }: Recovery): string =>
  metastable ? 'metastable: nothing is broken any more, and it does not come back' : none;
