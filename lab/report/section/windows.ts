import { named } from '#lab/report/key.ts';
import { broken } from '#lab/result/facts.ts';
import type { Result } from '#lab/result/result.ts';
import { count, duration, none, share } from '#lab/text/format.ts';
import { type Section, table } from './section.ts';

/** Section with the figures of each part of the load. */
export function windowsSection(result: Result): Section | null {
  const rows = result.variants.flatMap((variant) =>
    (variant.windows ?? []).map(({ name, span, offered, outcomes, goodput, latency }) => [
      name,
      named(result, variant),
      span ? `${duration(span.fromMs)} – ${duration(span.untilMs)}` : none,
      count(offered),
      offered > 0 ? share(goodput) : none,
      count(broken({ outcomes })),
      ...[latency?.p50Ms, latency?.p99Ms].map((ms) => (ms === undefined ? none : duration(ms))),
    ]),
  );
  if (rows.length === 0) return null;
  return {
    id: 'windows',
    short: 'Parts',
    title: 'Parts of the load',
    lead: 'What became of the requests that were due before, during and after each fault, in each phase, and wherever a hypothesis looks. A request counts where it was due, whenever it ended.',
    body: table({
      caption: 'Figures of each part',
      of: 'numbers',
      head: ['Part', 'Variant', 'Due', 'Offered', 'Goodput', 'errors', 'p50', 'p99'],
      // Variants next to each other, for comparison.
      rows: partNames(result).flatMap((part) => rows.filter(([name]) => name === part)),
    }),
  };
}

const partNames = ({ variants }: Result): string[] => [
  ...new Set(variants.flatMap(({ windows = [] }) => windows.map(({ name }) => name))),
];
