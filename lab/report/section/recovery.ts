import type { Estimate } from '#lab/analysis/statistics/bootstrap.ts';
import { variantNames } from '#lab/analysis/statistics/estimates.ts';
import { type Median, type RecoveryOver, recoveriesOver } from '#lab/analysis/statistics/recoveries.ts';
import { html, type Part } from '#lab/report/html.ts';
import { named, namedAt } from '#lab/report/key.ts';
import { broken, peak } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { count, duration, type Format, interval, none, share } from '#lab/text/format.ts';
import { type Section, table } from './section.ts';

export function recoverySection(result: Result): Section | null {
  const body = result.rounds ? overRounds(result.rounds) : ofOne(result);
  return body === null
    ? null
    : {
        lead: 'Time from the end of a fault, or of a phase in a hypothesis, until goodput had recovered by the rule of the experiment. Backlog drained: time until the backlog was no longer than before. Goodput lost: requests that would have completed in time at the earlier goodput, from the beginning until recovery.',
        body,
      };
}

const costColumns = ['Goodput lost', 'Metastable'];

function ofOne(result: Result): Part {
  const rows = result.variants.flatMap((variant) =>
    (variant.windows ?? []).flatMap(({ name, recovery }) => {
      if (!recovery) return [];
      const { timeMs, atLeastMs, drainMs, watchedMs, lostGoodput, metastable } = recovery;
      const drained = drainMs === undefined || !hasQueue(variant) ? none : timeOf(drainMs, watchedMs);
      const [time, cost] = [timeOf(timeMs, atLeastMs), lost(lostGoodput, timeMs === null)];
      return [[name, named(result, variant), time, drained, cost, verdictOf(metastable)]];
    }),
  );
  if (rows.length === 0) return null;
  const head = ['From', 'Variant', 'Recovered', 'Backlog drained', ...costColumns];
  return table({ caption: 'Recovery', head, rows: grouped(rows) });
}

/** Puts the rows of each window together, so that variants can be compared. */
const grouped = (rows: readonly Part[][]): Part[][] =>
  [...Map.groupBy(rows, ([name]) => name).values()].flat();

/** True if requests can wait: events in the stream, calls only in a bulkhead's queue, else reported as 0. */
const hasQueue = (variant: VariantResult): boolean =>
  variant.path === 'event' || (peak(variant, 'backlog') ?? 0) > 0;

function overRounds(rounds: NonNullable<Result['rounds']>): Part {
  const all = recoveriesOver(rounds);
  const names = variantNames(rounds);
  if (all.length === 0) return null;
  return table({
    caption:
      'Recovery over the rounds; below each figure its 95 % interval, that of a median from its ranks, for six rounds or more',
    head: ['From', 'Variant', 'Recovered', 'Median time', 'Median until drained', ...costColumns],
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

/** Formats an interval; one without end by its beginning. */
const bounds = (each: Pick<Estimate, 'low' | 'high'>, format: Format): string =>
  each.low < each.high && each.high === Infinity ? `${format(each.low)} or more` : interval(each, format);

/** Formats a time, or what is known of one that was not watched to its end. */
function timeOf(ms: number | null, atLeastMs = 0): string {
  if (ms !== null) return ms === 0 ? 'at once' : `after ${duration(ms)}`;
  return atLeastMs > 0 ? `not within ${duration(atLeastMs)}` : 'not shown: the load ended too early';
}

function verdictOf(metastable: boolean | null): string {
  if (metastable === null) return none;
  return metastable ? 'yes: the fault is cleared, but goodput stays low' : 'no';
}

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
    lead: 'Outcomes of the requests scheduled before, during and after each fault, in each phase, and in each window of a hypothesis. A request counts in the window of its scheduled time, regardless of when it ended.',
    body: table({
      caption: 'Figures of each part',
      of: 'numbers',
      head: ['Part', 'Variant', 'Due', 'Offered', 'Goodput', 'errors', 'p50', 'p99'],
      rows: grouped(rows),
    }),
  };
}
