import { meanings, type Outcome, outcomes } from '#kit/wire.ts';
import { rowChart } from '#lab/report/chart/rows.ts';
import { html, type Part } from '#lab/report/html.ts';
import { named } from '#lab/report/key.ts';
import { errorsOf, measuredVariants, shareOf } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { count, duration, share } from '#lab/text/format.ts';
import { type Section, table, under } from './section.ts';

/** Segments narrower than this, in percent, have no room for a figure. */
const roomy = 9;

export function outcomesSection(result: Result): Section | null {
  const variants = measuredVariants(result);
  if (variants.length === 0) return null;
  const seen = outcomes.filter((outcome) => variants.some((variant) => variant.outcomes[outcome] > 0));
  return {
    lead: 'How the offered requests ended. The parts of each bar add up to all offered requests.',
    body: html`${hatch}<ul class="legend">${seen.map((outcome) => html`<li><i class="swatch o-${outcome}"></i><strong>${outcome}</strong> ${meanings[outcome]}</li>`)}</ul>
${rowChart(
  variants.map((variant) => ({
    head: named(result, variant),
    marks: segments(variant, seen),
    label: `${variant.name}: ${seen
      .filter((o) => variant.outcomes[o] > 0)
      .map((o) => `${share(shareOf(variant, o))} ${o}`)
      .join(', ')}`,
    value: html`<strong>${share(variant.goodput)}</strong> in time`,
  })),
  [0, 25, 50, 75, 100].map((at) => ({ at, text: `${at} %` })),
)}`,
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

/** Stripes over the one outcome that has the lightness of its neighbours. */
const hatched: Outcome = 'failed';
const hatch = html`<svg class="defs" aria-hidden="true"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="2" height="6"/></pattern></defs></svg>`;

export function errorsSection(result: Result): Section | null {
  const rows = result.variants.flatMap((variant) =>
    under(
      named(result, variant),
      errorsOf(variant).map(({ outcome, reason, count: requests, firstAtMs }) => [
        outcome,
        html`<span class="why">${reason}</span>`,
        count(requests),
        duration(firstAtMs),
      ]),
    ),
  );
  if (rows.length === 0) return null;
  return {
    lead: `Answers that the generator received, or why it received none: up to three reasons of each outcome. Reasons that differ only in numbers count as one. Times count from the first scheduled time.${realTime(result)}`,
    body: table({
      caption: 'The first errors of each outcome',
      head: ['Variant', 'Outcome', 'Reason', 'Requests', 'First at'],
      rows,
    }),
  };
}

/** Reasons are the services' own texts, which slow motion doesn't convert. */
const realTime = ({ slowMotion }: Result): string =>
  slowMotion ? ` Times within a reason are real time, ${slowMotion.factor} times as long.` : '';
