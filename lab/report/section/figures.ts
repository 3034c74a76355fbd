import { meanings, type Outcome, outcomes } from '#kit/wire.ts';
import { linearScale, logScale, logTicks, niceStep, rowChart, type Scale } from '#lab/report/chart.ts';
import { html, keyOf, named, type Part, valuesOf } from '#lab/report/html.ts';
import {
  byGoodput,
  completedShare,
  errorsOf,
  measuredVariants,
  refusedRetriesOf,
  saturated,
  shareOf,
} from '#lab/result/facts.ts';
import type { PolicyResult, Result, VariantResult } from '#lab/result/result.ts';
import type { Percentiles } from '#lab/result/self-metrics.ts';
import { count, duration, none, number, plural, share, times } from '#lab/text/format.ts';
import { inFlightChart } from './in-flight.ts';
import { byVariant, figuresBehind, type Section, table, tableSection, warning } from './section.ts';

/** Outcomes that always have a column. Other outcomes have one only if they happened. */
const usual: readonly Outcome[] = ['ok', 'late', 'failed', 'timeout', 'rejected'];

const otherColumns = ['attempts / request', 'p50', 'p99'];

/** Columns of retries: those that were made, and those that a policy refused. The latter is left out if none was. */
const retryColumns: readonly (readonly [head: string, of: (variant: VariantResult) => number | null])[] = [
  ['retries', ({ retries }) => retries],
  ['refused retries', refusedRetriesOf],
];

/** Columns that are left out if they are 0 for every variant. */
const effectColumns = ['duplicates', 'wasted'] as const;

export function comparisonSection(result: Result): Section | null {
  const { variants } = result;
  // Over rounds, the table of means has these figures with their intervals.
  if (variants.length === 0 || result.rounds) return null;
  const ends = outcomes.filter((outcome) => usual.includes(outcome) || happened(outcome, variants));
  const absent = outcomes.filter((outcome) => !ends.includes(outcome));
  const effects = effectColumns.filter((column) => variants.some((variant) => variant.effects[column] > 0));
  const without = effectColumns.filter((column) => !effects.includes(column));
  const retries = retryColumns.filter(
    ([head, of]) => head === 'retries' || variants.some((variant) => of(variant)),
  );
  const within = duration(result.experiment.deadlineMs);
  return {
    lead: `Goodput: the share of requests that completed within ${within}, counted from when they should have been sent. Each request ends in exactly one outcome.`,
    body: [
      table({
        caption: 'Figures of each variant',
        of: 'numbers',
        head: ['Variant', 'Goodput', ...ends, ...retries.map(([head]) => head), ...otherColumns, ...effects],
        rows: byGoodput(variants).map((variant) => figuresOf(result, variant, ends, retries, effects)),
      }),
      absent.length > 0 &&
        html`<p class="footnote">No request of any variant ended as ${absent.join(', ')}.</p>`,
      without.length > 0 && html`<p class="footnote">Always 0 in every variant: ${without.join(', ')}.</p>`,
      variants.some((variant) => variant.latency !== null && coversFew(variant)) &&
        html`<p class="footnote">† covers completed requests only, here less than half of all requests.</p>`,
      saturationNote(variants),
    ],
  };
}

const happened = (outcome: Outcome, variants: readonly Pick<VariantResult, 'outcomes'>[]): boolean =>
  variants.some((variant) => variant.outcomes[outcome] > 0);

function figuresOf(
  result: Result,
  variant: VariantResult,
  ends: readonly Outcome[],
  retries: typeof retryColumns,
  effects: readonly (typeof effectColumns)[number][],
): Part[] {
  const partial = coversFew(variant) && html`<sup title="covers few requests">†</sup>`;
  const busy = saturated(variant).length > 0 && html`<sup title="a process was saturated">‡</sup>`;
  const doubtful = result.validity.some((check) => check.variant === variant.name && !check.ok);
  return [
    html`${named(result, variant)}${doubtful && html` ${warning('invalid')}`}`,
    html`<strong>${share(variant.goodput)}</strong>`,
    ...ends.map((outcome) => quiet(variant.outcomes[outcome])),
    ...retries.map(([, of]) => quiet(of(variant))),
    number(variant.amplification),
    ...[variant.latency?.p50Ms, variant.latency?.p99Ms].map((ms) =>
      ms === undefined ? none : html`${duration(ms)}${partial}${busy}`,
    ),
    ...effects.map((column) => quiet(variant.effects[column])),
  ];
}

/** True if the latency covers less than half of the requests. */
const coversFew = (variant: VariantResult): boolean => completedShare(variant) < 0.5;

/** Returns the footnote for the sign ‡ beside a figure. */
const saturationNote = (variants: readonly VariantResult[]): Part =>
  variants.some((variant) => saturated(variant).length > 0) &&
  html`<p class="footnote">‡ a process of this variant was saturated, see <a href="#validity">Validity</a>.</p>`;

const quiet = (value: number | null): Part =>
  value === null ? none : value === 0 ? html`<span class="zero">0</span>` : count(value);

/** Minimum width in percent of a segment that has room for a figure. */
const roomy = 11;

/** Outcome that is hatched, since its colour is as light as those of its neighbours. */
const hatched: Outcome = 'failed';
const hatch = html`<svg class="defs" aria-hidden="true"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="6"/></pattern></defs></svg>`;

/** Shows how the requests of each variant ended, the best variant first; of several rounds, their means. */
export function outcomesSection(result: Result): Section | null {
  const variants = byGoodput(measuredVariants(result));
  if (variants.length === 0) return null;
  const seen = outcomes.filter((outcome) => happened(outcome, variants));
  const what = result.rounds ? `Mean goodput of ${plural(result.rounds.length, 'round')}` : 'Goodput';
  return {
    body: html`<div class="first"><figure class="outcomes" data-file="outcomes"><figcaption>${what}, the best variant first</figcaption>${hatch}
<ul class="legend">${seen.map((outcome) => html`<li title="${meanings[outcome]}"><i class="swatch o-${outcome}"></i>${outcome}</li>`)}</ul>
${rowChart(
  variants.map((variant) => ({
    head: named(result, variant),
    marks: segments(variant, seen),
    label: `${variant.name}: ${seen
      .filter((outcome) => variant.outcomes[outcome] > 0)
      .map((outcome) => `${share(shareOf(variant, outcome))} ${outcome}`)
      .join(', ')}`,
    value: html`<strong>${share(variant.goodput)}</strong>`,
    note: variant.description === '' ? null : variant.description,
  })),
  [0, 25, 50, 75, 100].map((at) => ({ at, text: `${at} %` })),
)}${valuesOf('outcomes', [
  ['variant', 'goodput', 'offered', ...seen],
  ...variants.map((v) => [v.name, v.goodput, v.offered, ...seen.map((outcome) => v.outcomes[outcome])]),
])}</figure>
${inFlightChart(result)}</div>`,
  };
}

function segments(variant: VariantResult, seen: readonly Outcome[]): Part {
  let start = 0;
  return seen.map((outcome) => {
    const width = shareOf(variant, outcome) * 100;
    const from = start;
    start += width;
    if (width === 0) return null;
    const box = html`x="${from.toFixed(2)}%" width="${width.toFixed(2)}%" y="4" height="20"`;
    const figure =
      width >= roomy &&
      html`<text x="${(from + width / 2).toFixed(2)}%" y="50%" dy="4" text-anchor="middle">${share(width / 100)}</text>`;
    return html`<g class="segment o-${outcome}"><title>${outcome}: ${count(variant.outcomes[outcome])} of ${count(variant.offered)}, ${share(width / 100)}</title><rect ${box}/>${outcome === hatched && html`<rect class="hatched" ${box}/>`}${figure}</g>`;
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

const shown = [
  ['p50', 'p50Ms'],
  ['p90', 'p90Ms'],
  ['p95', 'p95Ms'],
  ['p99', 'p99Ms'],
  ['p99.9', 'p999Ms'],
] as const satisfies readonly (readonly [string, keyof Percentiles])[];

const latencyFields = ['meanMs', ...shown.map(([, field]) => field), 'maxMs'] as const;

const leastMs = 0.1;

export function latencySection(result: Result): Section | null {
  const variants = measuredVariants(result);
  const latencies = variants.flatMap(({ latency }) => latency ?? []);
  if (latencies.length === 0) return null;
  const deadline = result.experiment.deadlineMs;
  const low = Math.max(leastMs, Math.min(deadline, ...latencies.map(({ p50Ms }) => p50Ms)));
  const high = Math.max(deadline, ...latencies.map(({ p999Ms }) => p999Ms));
  // Leaves room for the dots at both ends on a narrow page.
  const room = (high / low) ** 0.05;
  const [min, max] = [floorOf(low / room), high * room];
  const x = logScale(min, max);
  return {
    lead: html`Time from the scheduled time to the reported completion, waiting included, on a logarithmic axis. Dots from left to right: ${shown.map(([name]) => name).join(', ')}. Only completed requests have a latency, so a variant that completes few of its requests can look fast. The dashed line is the deadline.`,
    body: [
      html`<figure data-file="latency"><figcaption>Latency of completed requests</figcaption>
${rowChart(
  variants.map((variant) => latencyRow(result, variant, x)),
  logTicks(min, max).map(({ value, spare }) => ({ at: x(value), text: duration(value), spare })),
  x(deadline),
)}${valuesOf('latency', [
  ['variant', 'covers', ...latencyFields],
  ...variants.map((v) => [
    v.name,
    completedShare(v),
    ...latencyFields.map((field) => v.latency?.[field] ?? null),
  ]),
])}</figure>`,
      saturationNote(variants),
      figuresBehind({
        caption: 'Latency of completed requests, from the scheduled time',
        of: 'numbers',
        head: ['Variant', 'covers', 'mean', ...shown.map(([name]) => name), 'max'],
        rows: variants.map((variant) => [
          named(result, variant),
          share(completedShare(variant)),
          ...latencyFields.map((field) => duration(variant.latency?.[field] ?? null)),
        ]),
      }),
    ],
  };
}

function latencyRow(result: Result, variant: VariantResult, x: Scale) {
  const head = named(result, variant);
  const note =
    coversFew(variant) &&
    warning(`covers only the ${share(completedShare(variant))} of requests that completed`);
  const { latency, name } = variant;
  if (!latency)
    return { head, note, marks: null, label: `${name}: no request completed`, value: 'no latency' };
  const dots = shown.toReversed().map(([name, field]) => {
    const radius = name === 'p50' ? 7 : name === 'p99' ? 5 : 3.5;
    return html`<circle cx="${x(latency[field])}%" cy="50%" r="${radius}"><title>${name}: ${duration(latency[field])}</title></circle>`;
  });
  const { colour } = keyOf(result.variants.indexOf(variant));
  const busy = saturated(variant).length > 0 && html`<sup>‡</sup>`;
  return {
    head,
    note,
    marks: html`<g class="range ${colour}${coversFew(variant) && ' hollow'}"><line x1="${x(latency.p50Ms)}%" x2="${x(latency.p999Ms)}%" y1="50%" y2="50%"/>${dots}</g>`,
    label: `${name}: ${shown.map(([name, field]) => `${name} ${duration(latency[field])}`).join(', ')}`,
    value: html`<strong>${duration(latency.p50Ms)}</strong> · p99 ${duration(latency.p99Ms)}${busy}`,
  };
}

/**
 * Returns the start of the axis: the highest number below `value` that is 1, 2 or 5 times a power of ten. Returns a
 * power of ten unchanged.
 */
function floorOf(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([5, 2].find((digit) => digit * power < value) ?? 1);
}

export function amplificationSection(result: Result): Section | null {
  const variants = measuredVariants(result);
  if (variants.length === 0) return null;
  const max = Math.max(1, ...variants.map((variant) => variant.amplification)) * 1.05;
  const x = linearScale(max);
  const step = niceStep(max, 5);
  const stops = Array.from({ length: Math.floor(max / step) + 1 }, (_, i) => i * step);
  return {
    lead: 'Calls to the dependency per request. The dashed line marks one call per request. Longer bars: some requests made several calls. Shorter bars: some made none. The ledger shows how many calls downstream received.',
    body: [
      html`<figure data-file="amplification"><figcaption>Calls to the dependency per request</figcaption>
${rowChart(
  variants.map((variant) => ({
    head: named(result, variant),
    marks: html`<rect class="bar ${keyOf(result.variants.indexOf(variant)).colour}" x="0" y="6" height="16" width="${x(variant.amplification)}%"/>`,
    label: `${variant.name}: ${plural(variant.amplification, 'attempt')} per request`,
    value: html`<strong>${times(variant.amplification)}</strong><span class="spare"> · ${plural(variant.attempts, 'attempt')}</span>`,
  })),
  stops.map((value) => ({ at: x(value), text: times(value) })),
  x(1),
)}${valuesOf('amplification', [
  ['variant', 'attempts', 'attemptsPerRequest'],
  ...variants.map((v) => [v.name, v.attempts, v.amplification]),
])}</figure>`,
      refusals(variants),
    ],
  };
}

function refusals(variants: readonly VariantResult[]): Part {
  const refused = variants.flatMap(({ name, refusedRetries = {} }) =>
    Object.entries(refusedRetries).map(([policy, n]) => `${count(n)} by the ${policy} in variant ${name}`),
  );
  return (
    refused.length > 0 &&
    html`<p class="footnote">Retries refused after a failed attempt: ${refused.join(', ')}. A request over RPC then ends with the outcome of its last attempt; an event is tried again.</p>`
  );
}

export const policiesSection = (result: Result): Section | null =>
  tableSection(
    'How often each policy acted, outermost first. A policy that never acted changed nothing. Exception: a deadline is also sent to downstream, which may act on it.',
    {
      caption: 'What each policy did',
      head: ['Variant', 'Policy', 'Did'],
      rows: byVariant(result, ({ policies }) =>
        policies.map((each) => [each.policy, each.note === '' ? actionsOf(each) : warning(actionsOf(each))]),
      ),
    },
  );

/** Formats the actions of a policy: `opened 3, refused 1,664`, or `never acted: …`. */
export function actionsOf({ acted, note }: PolicyResult): string {
  const actions = Object.entries(acted)
    .filter(([, times]) => times > 0)
    .map(([action, times]) => `${action.replace('-', ' ')}\u00a0${count(times)}`);
  if (actions.length > 0) return actions.join(', ');
  return note === '' ? 'never acted' : `never acted: ${note}`;
}
