import { count, duration, type Format, interval, none, share } from '#lab/experiment/text/format.ts';
import { hops } from '#lab/experiment/topology/hops.ts';
import { isRoutes } from '#lab/experiment/topology/servers.ts';
import type { Estimate } from '#lab/judge/statistics/bootstrap.ts';
import { variantNames } from '#lab/judge/statistics/estimates.ts';
import { type Median, type RecoveryOver, recoveriesOver } from '#lab/judge/statistics/recoveries.ts';
import { broken, peak } from '#lab/result/facts.ts';
import type { Recovery, RedriveResult, Result, Round, VariantResult } from '#lab/result/result.ts';
import { type Html, html, named, namedAt, type Part } from '#lab/show/html.ts';
import { type Section, tableSection, verdictMark } from './section.ts';

export const faultsSection = (result: Result): Section | null =>
  tableSection(
    html`Faults that the lab injected and cleared. Times count from the first scheduled time. A fault begins when its target is affected, and ends when the target works again. Affected attempts are those that the fault changed, as counted by downstream.${detour(result)}`,
    {
      caption: 'Faults: requested and actual times',
      head: ['Fault', 'What', 'Target', 'Asked', 'Variant', 'Began at', 'Cleared at', 'Affected attempts'],
      rows: result.variants.flatMap((variant) =>
        variant.faults.map(({ name, state, target, servers, asked, took, affected }) => [
          name,
          state,
          servers ? html`${unbroken(target)} (${servers.join(', ')})` : unbroken(target),
          spanOf(asked),
          named(result, variant),
          took ? after(took.fromMs, asked.fromMs) : verdictMark(false, 'never'),
          took ? after(took.untilMs, asked.untilMs) : none,
          typeof affected === 'number' ? count(affected) : none,
        ]),
      ),
    },
  );

const spanOf = (span: { fromMs: number; untilMs: number } | null): string =>
  span ? `${duration(span.fromMs)} – ${duration(span.untilMs)}` : none;

const after = (atMs: number, askedMs: number): string =>
  `${duration(atMs)} (${duration(Math.max(0, atMs - askedMs))} late)`;

const unbroken = (target: string): Html => html`<span class="unbroken">${target}</span>`;

/** Says which hops have a proxy, since a proxy adds a little latency in every variant, even without an active fault. */
function detour({ variants }: Result): Part {
  const targets = variants.flatMap(({ faults }) => faults.map(({ target }) => target));
  const on = [
    ...hops.filter((hop) => targets.includes(hop)),
    ...(targets.some(isRoutes) ? ['nats->nats'] : []),
  ];
  if (on.length === 0) return null;
  const over = on.map((hop, i) => [i > 0 && ', ', unbroken(hop)]);
  return html` All traffic on ${over} passed through a proxy in every variant, and the proxy adds a little latency.`;
}

export const redrivesSection = (result: Result): Section | null =>
  tableSection(
    'Dead letters that were sent to the work stream again. Times count from the first scheduled time. A redriven event counts by its final outcome: in time, late, or dead again.',
    {
      caption: 'Redrives: requested and actual',
      head: ['Asked at', 'At most', 'Variant', 'Took', 'Redriven', 'Left', 'Note'],
      rows: result.variants.flatMap((variant) =>
        variant.redrives.map((redrive) => [
          duration(redrive.atMs),
          `${count(redrive.ratePerSecond)} a second`,
          named(result, variant),
          spanOf(redrive.took),
          count(redrive.redriven),
          count(redrive.left),
          noteOn(redrive),
        ]),
      ),
    },
  );

/** Returns the failure of a redrive, or says that no dead letter matched, for example after a misspelt reason. */
function noteOn({ took, redriven, left, failure }: RedriveResult): Part {
  if (failure !== null) return verdictMark(false, failure);
  return took && redriven + left === 0 ? 'found no matching dead letter' : '';
}

export const recoverySection = (result: Result): Section | null =>
  tableSection(
    'Time from the end of a fault, or of a phase named in a hypothesis, until goodput had recovered, by the recovery rule of the experiment, or the default one. Backlog drained: time until the backlog was no larger than its maximum before the first fault or phase. Goodput lost: how many more requests would have completed in time at the goodput before the first fault or phase. It counts from the start of the fault or phase until recovery.',
    result.rounds ? recoveryOver(result.rounds) : recoveryOf(result),
  );

const costColumns = ['Goodput lost', 'Metastable'];

function recoveryOf(result: Result) {
  const rows = result.variants.flatMap((variant) =>
    variant.windows.flatMap(({ name, recovery }) => {
      if (!recovery) return [];
      const { timeMs, atLeastMs, drainMs, watchedMs, lostGoodput } = recovery;
      const drained = drainMs === undefined || !hasQueue(variant) ? none : timeOf(drainMs, watchedMs);
      const [time, cost] = [timeOf(timeMs, atLeastMs), lost(lostGoodput, timeMs === null)];
      return [[name, named(result, variant), time, drained, cost, verdictOf(name, recovery)]];
    }),
  );
  const head = ['From', 'Variant', 'Recovered', 'Backlog drained', ...costColumns];
  return { caption: 'Recovery', head, rows: grouped(rows) };
}

/** Groups the rows by window, so that the reader can compare variants. */
const grouped = (rows: readonly Part[][]): Part[][] =>
  [...Map.groupBy(rows, ([name]) => name).values()].flat();

/**
 * True if requests can wait: events in the stream, calls in the queue of a bulkhead. Without a queue, the backlog is
 * always 0.
 */
const hasQueue = (variant: VariantResult): boolean =>
  variant.path === 'event' || (peak(variant, 'backlog') ?? 0) > 0;

function recoveryOver(rounds: readonly Round[]) {
  const names = variantNames(rounds);
  return {
    caption:
      'Recovery over the rounds, and below each figure its 95 % interval. That of a median follows from its ranks, and needs six rounds.',
    head: ['From', 'Variant', 'Recovered', 'Median time', 'Median until drained', ...costColumns],
    rows: recoveriesOver(rounds).map((each) => [
      each.window,
      namedAt(names.indexOf(each.variant), each.variant),
      inRounds(each.recovered),
      timeOver(each.time),
      each.drain ? timeOver(each.drain) : none,
      html`${lost(each.lostGoodput.value, each.lostGoodput.isAtLeast)}<br><small>${bounds(each.lostGoodput, count)}</small>`,
      inRounds(each.metastable),
    ]),
  };
}

const inRounds = (each: RecoveryOver['recovered']): Part =>
  each ? html`${each.count} of ${each.of}<br><small>${interval(each, share)}</small>` : none;

const timeOver = (each: Median): Part =>
  html`${timeOf(each.medianMs, each.atLeastMs)}${!Number.isNaN(each.low) && html`<br><small>${bounds(each, duration)}</small>`}`;

const lost = (requests: number, isAtLeast: boolean): string =>
  `${isAtLeast ? 'at least ' : ''}${count(requests)}`;

/** Formats an interval, or the lower end of an interval without an upper end. */
const bounds = (each: Pick<Estimate, 'low' | 'high'>, format: Format): string =>
  each.low < each.high && each.high === Infinity ? `${format(each.low)} or more` : interval(each, format);

/** Formats a recovery time. If it is null, says that there was no recovery within `atLeastMs`. */
function timeOf(ms: number | null, atLeastMs: number): string {
  if (ms !== null) return ms === 0 ? 'at once' : `after ${duration(ms)}`;
  return atLeastMs > 0 ? `not within ${duration(atLeastMs)}` : 'unknown: the load ended too early';
}

function verdictOf(window: string, { metastable, leftMs }: Recovery): string {
  if (metastable === null)
    return leftMs === undefined ? none : `not known: still recovering, for about ${duration(leftMs)} more`;
  const cause = window.startsWith('after phase ') ? 'phase' : 'fault';
  return metastable ? `yes: goodput stays low after the ${cause}` : 'no';
}

export function windowsSection(result: Result): Section | null {
  const rows = result.variants.flatMap((variant) =>
    variant.windows.map(({ name, span, offered, outcomes, goodput, latency }) => [
      name,
      named(result, variant),
      spanOf(span),
      count(offered),
      offered > 0 ? share(goodput) : none,
      count(broken({ outcomes })),
      duration(latency?.p50Ms ?? null),
      duration(latency?.p99Ms ?? null),
    ]),
  );
  return tableSection(
    'Outcomes in parts of the load: around each fault, in each phase and class, in the steady state, and in windows that hypotheses name. A request counts by its scheduled time, regardless of when it ended.',
    {
      caption: 'Figures of each part',
      of: 'numbers',
      head: ['Part', 'Variant', 'Scheduled', 'Offered', 'Goodput', 'errors', 'p50', 'p99'],
      rows: grouped(rows),
    },
  );
}
