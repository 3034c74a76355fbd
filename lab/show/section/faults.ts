import type { MetricName } from '#lab/experiment/metrics/catalogue.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { figureAt, valueIn } from '#lab/experiment/metrics/table.ts';
import { count, duration, type Format, interval, none, share } from '#lab/experiment/text/format.ts';
import { hops } from '#lab/experiment/topology/hops.ts';
import { peak } from '#lab/judge/result/facts.ts';
import type { RedriveResult, Result, VariantResult } from '#lab/judge/result/result.ts';
import { countOf } from '#lab/judge/statistics/rounds.ts';
import { type Html, html, named, type Part } from '#lab/show/html.ts';
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
  const on = hops.filter((hop) => targets.includes(hop));
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
    recoveries(result),
  );

function recoveries(result: Result) {
  const { rounds } = result;
  const rows = result.variants.flatMap((variant) =>
    variant.windows.flatMap(({ name: window }): Part[][] => {
      const at = (metric: MetricName) => figureAt(result.figures, { variant: variant.name, window, metric });
      const lost = at('lostGoodput');
      if (!lost) return [];
      return [
        [
          window,
          named(result, variant),
          ...(rounds ? [inRounds(at('recovered'))] : []),
          timeOf(at('timeToRecover')),
          hasQueue(variant) ? timeOf(at('timeToDrain')) : none,
          html`${lost.value === null && 'at least '}${count(lost.value ?? lost.atLeast ?? 0)}${around(lost, count)}`,
          rounds ? inRounds(at('metastable')) : verdictOf(window, at('metastable'), at('timeLeft')),
        ],
      ];
    }),
  );
  const times = rounds
    ? ['Recovered', 'Median time', 'Median until drained']
    : ['Recovered', 'Backlog drained'];
  return {
    caption: rounds
      ? 'Recovery over the rounds, and below each figure its 95 % interval. That of a median follows from its ranks, and needs six rounds.'
      : 'Recovery',
    head: ['From', 'Variant', ...times, 'Goodput lost', 'Metastable'],
    rows: grouped(rows),
  };
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

const inRounds = (each: Figure | undefined): Part =>
  each ? html`${countOf(each)} of ${each.n ?? 1}${around(each, share)}` : none;

/** Renders an interval below its figure, or only its lower end if it has no upper one. */
function around({ low, high }: Figure, format: Format): Part {
  if (typeof low !== 'number') return null;
  const bounds = typeof high === 'number' ? interval({ low, high }, format) : `${format(low)} or more`;
  return html`<br><small>${bounds}</small>`;
}

/** Renders a recovery time. If it is unknown, says that there was no recovery within its lower bound. */
function timeOf(figure: Figure | undefined): Part {
  if (!figure) return none;
  const { value, atLeast = 0 } = figure;
  const within = atLeast > 0 ? `not within ${duration(atLeast)}` : 'unknown: the load ended too early';
  const time = value === null ? within : value === 0 ? 'at once' : `after ${duration(value)}`;
  return html`${time}${around(figure, duration)}`;
}

function verdictOf(window: string, metastable: Figure | undefined, left: Figure | undefined): string {
  const value = metastable?.value ?? null;
  if (value === null)
    return left ? `not known: still recovering, for about ${duration(left.value)} more` : none;
  const cause = window.startsWith('after phase ') ? 'phase' : 'fault';
  return value === 1 ? `yes: goodput stays low after the ${cause}` : 'no';
}

export function windowsSection(result: Result): Section | null {
  const rows = result.variants.flatMap((variant) =>
    variant.windows.map(({ name: window, span }) => {
      const at = (metric: MetricName) => valueIn(result, variant.name, metric, window);
      const goodput = at('goodput');
      return [
        ...[window, named(result, variant), spanOf(span), count(at('offered') ?? 0)],
        ...[goodput === null ? none : share(goodput), count(at('errors') ?? 0)],
        ...[duration(at('p50')), duration(at('p99'))],
      ];
    }),
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
