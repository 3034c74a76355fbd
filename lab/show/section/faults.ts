import type { MetricName } from '#lab/experiment/metrics/catalogue.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { peak } from '#lab/judge/result/facts.ts';
import type { RedriveResult, Result, VariantResult } from '#lab/judge/result/result.ts';
import { count, duration, none, share } from '#lab/kit/text/format.ts';
import { hops } from '#lab/kit/topology/hops.ts';
import { answerIn } from '#lab/show/answer.ts';
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

/** Parts of the load: their outcomes, and after a fault or phase how long it took to recover. */
export function windowsSection(result: Result): Section | null {
  const rows = result.variants.flatMap((variant) =>
    variant.windows.map(({ name: window, span }) => {
      const at = (metric: MetricName) => valueIn(result, variant.name, metric, window);
      const back = (metric: MetricName) => answerIn(result, variant.name, { metric, window }).text;
      const goodput = at('goodput');
      return [
        ...[window, named(result, variant), spanOf(span), count(at('offered') ?? 0)],
        ...[goodput === null ? none : share(goodput), count(at('errors') ?? 0)],
        ...[duration(at('p50')), duration(at('p99'))],
        ...[back('timeToRecover'), hasQueue(variant) ? back('timeToDrain') : none, back('lostGoodput')],
      ];
    }),
  );
  return tableSection(
    'Outcomes in parts of the load: around each fault, in each phase and class, in the steady state, and in windows that hypotheses name. A request counts by its scheduled time, regardless of when it ended. Goodput lost: how many more requests would have completed in time until recovery, at the goodput before.',
    {
      caption: 'Figures of each part',
      of: 'numbers',
      head: [
        ...['Part', 'Variant', 'Scheduled', 'Offered', 'Goodput', 'errors', 'p50', 'p99'],
        ...['Recovered after', 'Backlog drained after', 'Goodput lost'],
      ],
      rows: [...Map.groupBy(rows, ([name]) => name).values()].flat(),
    },
  );
}

/**
 * True if requests can wait: events in the stream, calls in the queue of a bulkhead. Without a queue, the backlog is
 * always 0.
 */
const hasQueue = (variant: VariantResult): boolean =>
  variant.path === 'event' || (peak(variant, 'backlog') ?? 0) > 0;
