import type { Estimate } from '#lab/analysis/statistics/bootstrap.ts';
import { variantNames } from '#lab/analysis/statistics/estimates.ts';
import { type Median, type RecoveryOver, recoveriesOver } from '#lab/analysis/statistics/recoveries.ts';
import { html, type Part } from '#lab/report/html.ts';
import { named, namedAt } from '#lab/report/key.ts';
import { peak } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { count, duration, interval, none, share } from '#lab/text/format.ts';
import { type Section, table } from './section.ts';

/** How long each variant took to get over each fault, or a phase that a hypothesis names, and what that cost. */
export function recoverySection(result: Result): Section | null {
  const body = result.rounds ? overRounds(result.rounds) : ofOne(result);
  if (body === null) return null;
  return {
    id: 'recovery',
    short: 'Recovery',
    title: 'Recovery',
    lead: 'How long after the end of a fault, or of a phase that a hypothesis names, the goodput was back, and stayed, by the rule of the experiment; how long until no more was waiting than before it, where anything ever waited; and how many requests more would have been done in time, from when it began until recovered, at the goodput before it.',
    body,
  };
}

function ofOne(result: Result): Part {
  const rows = result.variants.flatMap((variant) =>
    (variant.windows ?? []).flatMap(({ name, recovery }) =>
      recovery
        ? [
            [
              name,
              named(result, variant),
              timeOf(recovery.timeMs, recovery.atLeastMs),
              recovery.drainMs === undefined || !hasQueue(variant)
                ? none
                : timeOf(recovery.drainMs, recovery.watchedMs),
              lost(recovery.lostGoodput, recovery.timeMs === null),
              verdictOf(recovery.metastable),
            ],
          ]
        : [],
    ),
  );
  const names = [...new Set(rows.map(([name]) => name))];
  return rows.length === 0
    ? null
    : table({
        caption: 'Recovery',
        of: 'texts',
        head: ['From', 'Variant', 'Recovered', 'Backlog drained', 'Goodput lost', 'Metastable'],
        rows: names.flatMap((fault) => rows.filter(([name]) => name === fault)),
      });
}

/** Whether requests wait: events in the stream, calls only in the queue of a bulkhead, of which a gateway without one says 0. */
const hasQueue = (variant: VariantResult): boolean =>
  variant.path === 'event' || (peak(variant, 'backlog') ?? 0) > 0;

function overRounds(rounds: NonNullable<Result['rounds']>): Part {
  const all = recoveriesOver(rounds);
  const names = variantNames(rounds);
  return all.length === 0
    ? null
    : table({
        caption:
          'Recovery over the rounds; below each figure its 95 % interval, that of a median from its ranks, for six rounds or more',
        of: 'texts',
        head: [
          'From',
          'Variant',
          'Recovered',
          'Median time',
          'Median until drained',
          'Goodput lost',
          'Metastable',
        ],
        rows: all.map((each) => [
          each.window,
          namedAt(names.indexOf(each.variant), each.variant),
          inRounds(each.recovered),
          timeOver(each.time),
          each.drain ? timeOver(each.drain) : none,
          lostOver(each.lostGoodput),
          inRounds(each.metastable),
        ]),
      });
}

const inRounds = (each: RecoveryOver['recovered']): Part =>
  each ? html`${each.count} of ${each.of}<br><small>${interval(each, share)}</small>` : none;

const timeOver = (each: Median): Part =>
  html`${timeOf(each.medianMs, each.atLeastMs)}${!Number.isNaN(each.low) && html`<br><small>${bounds(each, duration)}</small>`}`;

const lost = (requests: number, isAtLeast: boolean): string =>
  `${isAtLeast ? 'at least ' : ''}${count(requests)}`;

const lostOver = (each: RecoveryOver['lostGoodput']): Part =>
  html`${lost(each.value, each.isAtLeast)}<br><small>${bounds(each, count)}</small>`;

/** Of what has no end, where it begins. */
const bounds = (each: Pick<Estimate, 'low' | 'high'>, format: (value: number) => string): string =>
  each.low < each.high && each.high === Infinity ? `${format(each.low)} or more` : interval(each, format);

/** A time, or what is known of one that was not watched to its end. */
function timeOf(ms: number | null, atLeastMs = 0): string {
  if (ms === null) return atLeastMs > 0 ? `not within ${duration(atLeastMs)}` : notShown;
  return ms === 0 ? 'at once' : `after ${duration(ms)}`;
}

const notShown = 'not shown: the load ended too early';

const verdictOf = (metastable: boolean | null): string =>
  metastable === null
    ? none
    : metastable
      ? 'yes: nothing is broken any more, and it does not come back'
      : 'no';
