import { meanings, type Outcome, outcomes } from '#kit/wire.ts';
import { type MetricName, metric, metricNames } from '#lab/experiment/metrics/catalogue.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import {
  byGoodput,
  disturbedIn,
  errorsOf,
  measuredVariants,
  saturated,
  shareOf,
} from '#lab/judge/result/facts.ts';
import type { PolicyResult, Result, VariantResult } from '#lab/judge/result/result.ts';
import { count, duration, plural, share } from '#lab/kit/text/format.ts';
import { rowChart } from '#lab/show/chart.ts';
import { columnsOf } from '#lab/show/columns.ts';
import { type Html, html, named, type Part } from '#lab/show/html.ts';
import { inFlightChart } from './in-flight.ts';
import { byVariant, type Section, table, tableSection, warning } from './section.ts';

/** Compares the figures of the variants. With rounds, their section has this table. */
export function comparisonSection(result: Result): Section | null {
  if (result.rounds || byGoodput(result).length === 0) return null;
  const within = duration(result.experiment.deadlineMs);
  return {
    lead: `Goodput: the share of requests that completed within ${within}, counted from when they should have been sent. Each request ends in exactly one outcome. Latencies cover completed requests only.`,
    body: figuresTable(result, 'Figures of each variant'),
  };
}

export function figuresTable(result: Result, caption: string): Html {
  const columns = columnsOf(result, true);
  return table({
    caption,
    of: 'numbers',
    head: ['Variant', ...columns.map(({ head }) => head)],
    rows: byGoodput(result).map((variant) => [
      html`${named(result, variant)}${marksOf(result, variant)}`,
      ...columns.map(({ cell }, i) => cellOf(cell(variant), i === 0)),
    ]),
  });
}

function cellOf(text: string, isMain: boolean): Part {
  const [value = '', around] = text.split('\n');
  const shown =
    value === '0' ? html`<span class="zero">0</span>` : isMain ? html`<strong>${value}</strong>` : value;
  return around === undefined ? shown : html`${shown}<br><small>${around}</small>`;
}

/** Warns of a variant whose measurement is invalid, or of which a process could not keep up. */
function marksOf(result: Result, variant: VariantResult): Part {
  const isInvalid = disturbedIn(result).includes(variant.name);
  const isSaturated = saturated(variant).length > 0;
  return [isInvalid && html` ${warning('invalid')}`, isSaturated && html` ${warning('saturated')}`];
}

/** Minimum width in percent of a segment that has room for a figure. */
const roomy = 11;

/** Outcome that is hatched, since its colour is as light as those of its neighbours. */
const hatched: Outcome = 'failed';
const hatch = html`<svg class="defs" aria-hidden="true"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="6"/></pattern></defs></svg>`;

/** Shows how the requests of each variant ended, the best variant first; of several rounds, their means. */
export function outcomesSection(result: Result): Section | null {
  const variants = byGoodput(result);
  if (variants.length === 0) return null;
  const seen = outcomes.filter((outcome) => variants.some(({ name }) => valueIn(result, name, outcome)));
  const isPale = disturbedIn(result).length === result.variants.length;
  const what = result.rounds ? `Mean goodput of ${plural(result.rounds.length, 'round')}` : 'Goodput';
  return {
    body: html`<div class="first${isPale && ' pale'}">${isPale && html`<b class="stamp">not judged</b>`}<figure class="outcomes"><figcaption>${what}, the best variant first</figcaption>${hatch}
<ul class="legend">${seen.map((outcome) => html`<li title="${meanings[outcome]}"><i class="swatch o-${outcome}"></i>${outcome}</li>`)}</ul>
${rowChart(
  variants.map((variant) => ({
    head: named(result, variant),
    marks: segments(result, variant, seen),
    label: `${variant.name}: ${seen
      .filter((outcome) => valueIn(result, variant.name, outcome))
      .map((outcome) => `${share(shareOf(result, variant.name, outcome))} ${outcome}`)
      .join(', ')}`,
    value: html`<strong>${share(valueIn(result, variant.name, 'goodput') ?? 0)}</strong>`,
    note: variant.description === '' ? null : variant.description,
  })),
  [0, 25, 50, 75, 100].map((at) => ({ at, text: `${at} %` })),
)}</figure>
${inFlightChart(result)}</div>`,
  };
}

function segments(result: Result, { name }: VariantResult, seen: readonly Outcome[]): Part {
  const requests = (of: MetricName) => count(valueIn(result, name, of) ?? 0);
  let start = 0;
  return seen.map((outcome) => {
    const width = shareOf(result, name, outcome) * 100;
    const from = start;
    start += width;
    if (width === 0) return null;
    const box = html`x="${from.toFixed(2)}%" width="${width.toFixed(2)}%" y="4" height="20"`;
    const figure =
      width >= roomy &&
      html`<text x="${(from + width / 2).toFixed(2)}%" y="50%" dy="4" text-anchor="middle">${share(width / 100)}</text>`;
    return html`<g class="segment o-${outcome}"><title>${outcome}: ${requests(outcome)} of ${requests('offered')}, ${share(width / 100)}</title><rect ${box}/>${outcome === hatched && html`<rect class="hatched" ${box}/>`}${figure}</g>`;
  });
}

export function errorsSection(result: Result): Section | null {
  // Times in the services' error texts are not converted from slow motion.
  const realTime = result.slowMotion
    ? ` Times within a reason are real time, ${result.slowMotion.factor} times as long.`
    : '';
  return tableSection(
    `Reasons of unsuccessful outcomes, up to three each: the answer that the generator received, or why it received none. Reasons with the same status that differ only in numbers count as one. Times count from the first scheduled time.${realTime}`,
    {
      caption: 'The first errors of each outcome',
      head: ['Variant', 'Outcome', 'Reason', 'Requests', 'First at'],
      rows: byVariant(result, (variant) =>
        errorsOf(variant).map(({ outcome, reason, count: requests, firstAtMs }) => [
          outcome,
          html`<span class="why">${reason}</span>`,
          count(requests),
          duration(firstAtMs),
        ]),
      ),
    },
  );
}

const latencies = metricNames.filter((name) => metric(name).unit === 'ms' && !metric(name).only);

export function latencySection(result: Result): Section | null {
  const variants = measuredVariants(result).filter(({ name }) => valueIn(result, name, 'p50') !== null);
  const covered = ({ name }: VariantResult) => shareOf(result, name, 'completed');
  return tableSection(
    'Time from the scheduled time to the reported completion, waiting included. Only completed requests have a latency, so a variant that completes few of its requests can look fast.',
    {
      caption: 'Latency of completed requests, and the share of requests that it covers',
      of: 'numbers',
      head: ['Variant', 'covers', ...latencies.map((name) => name.replace('999', '99.9'))],
      rows: variants.map((variant) => [
        named(result, variant),
        covered(variant) < 0.5 ? warning(share(covered(variant))) : share(covered(variant)),
        ...latencies.map((name) => duration(valueIn(result, variant.name, name))),
      ]),
    },
  );
}

export const policiesSection = (result: Result): Section | null =>
  tableSection(
    'How often each policy acted, outermost first. A policy that never acted changed nothing. Exception: a deadline is also sent to downstream, which may act on it.',
    {
      caption: 'What each policy did',
      head: ['Variant', 'Policy', 'Did'],
      rows: byVariant(result, ({ policies }) => policies.map((each) => [each.policy, actionsOf(each)])),
    },
  );

/** Formats the actions of a policy: `opened 3, refused 1,664`, or `never acted`. */
export function actionsOf({ acted }: PolicyResult): string {
  const actions = Object.entries(acted)
    .filter(([, times]) => times > 0)
    .map(([action, times]) => `${action.replace('-', ' ')}\u00a0${count(times)}`);
  return actions.length > 0 ? actions.join(', ') : 'never acted';
}
