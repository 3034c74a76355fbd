import { type Outcome, outcomes } from '#kit/wire.ts';
import { html, type Part } from '#lab/report/html.ts';
import { named } from '#lab/report/key.ts';
import { completedShare, saturated } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { count, duration, none, number, share } from '#lab/text/format.ts';
import { type Section, saturationNote, table, warning } from './section.ts';

/** Outcomes that always have a column; the others only if they happened. */
const usual: readonly Outcome[] = ['ok', 'late', 'failed', 'timeout', 'rejected'];

const otherColumns = ['retries', 'attempts / request', 'p50', 'p99', 'duplicates', 'wasted'];

export function comparisonSection(result: Result): Section | null {
  const { variants } = result;
  if (variants.length === 0) return null;
  const happened = (outcome: Outcome) => variants.some((variant) => variant.outcomes[outcome] > 0);
  const ends = outcomes.filter((outcome) => usual.includes(outcome) || happened(outcome));
  const absent = outcomes.filter((outcome) => !ends.includes(outcome));
  const within = duration(result.experiment.deadlineMs);
  return {
    lead: `Goodput: the share of requests that completed within ${within}, counted from when they should have been sent. Each request ends in exactly one outcome.`,
    body: [
      table({
        caption: 'Figures of each variant',
        of: 'numbers',
        head: ['Variant', 'Goodput', ...ends, ...otherColumns],
        rows: variants.map((variant) => figures(result, variant, ends)),
      }),
      absent.length > 0 &&
        html`<p class="footnote">No request of any variant ended as ${absent.join(', ')}.</p>`,
      variants.some((variant) => variant.latency !== null && completedShare(variant) < 0.5) &&
        html`<p class="footnote">† covers completed requests only, here less than half of all requests.</p>`,
      variants.some((variant) => saturated(variant).length > 0) && saturationNote,
    ],
  };
}

function figures(result: Result, variant: VariantResult, ends: readonly Outcome[]): Part[] {
  const partial = completedShare(variant) < 0.5 && html`<sup title="covers few requests">†</sup>`;
  const busy = saturated(variant).length > 0 && html`<sup title="a process was saturated">‡</sup>`;
  const doubtful = result.validity.some((check) => check.variant === variant.name && !check.ok);
  return [
    html`${named(result, variant)}${doubtful && html` ${warning('invalid')}`}`,
    html`<span class="meter"><i style="width:${(variant.goodput * 100).toFixed(1)}%"></i></span><strong>${share(variant.goodput)}</strong>`,
    ...ends.map((outcome) => quiet(variant.outcomes[outcome])),
    quiet(variant.retries),
    number(variant.amplification),
    ...[variant.latency?.p50Ms, variant.latency?.p99Ms].map((ms) =>
      ms === undefined ? none : html`${duration(ms)}${partial}${busy}`,
    ),
    quiet(variant.effects.duplicates),
    quiet(variant.effects.wasted),
  ];
}

/** Renders a count, a zero in grey. */
const quiet = (value: number): Part => (value === 0 ? html`<span class="zero">0</span>` : count(value));
