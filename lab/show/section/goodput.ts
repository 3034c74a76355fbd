import { duration, plural, share } from '#lab/experiment/text/format.ts';
import { measuredVariants } from '#lab/judge/result/facts.ts';
import type { Result, VariantResult } from '#lab/judge/result/result.ts';
import { lineChart, logScale, logTicks } from '#lab/show/chart.ts';
import { badge, html, jsonElement, keyOf, type Part } from '#lab/show/html.ts';
import type { Section } from './section.ts';

export function goodputSection(result: Result): Section | null {
  const variants = measuredVariants(result).filter((variant) => variant.goodputByDeadline.length > 1);
  const deadlines = deadlinesShown(variants, result.experiment.deadlineMs);
  if (deadlines.length < 2) return null;
  const [min, max] = [deadlines[0] ?? 1, deadlines.at(-1) ?? 1];
  const x = logScale(min, max);
  const index = Math.max(0, deadlines.indexOf(result.experiment.deadlineMs));
  const chosen = deadlines[index] ?? min;
  return {
    lead: 'The horizontal axis is the deadline: how long the caller waits. Flat: the remaining requests complete much later or never. Rising: they only need more time.',
    body: html`<figure class="goodput"><figcaption>Share of requests that complete in time</figcaption>
${lineChart({
  label: `Goodput of ${plural(variants.length, 'variant')} for deadlines from ${duration(min)} to ${duration(max)}`,
  lines: variants.map((variant) => ({
    index: result.variants.indexOf(variant),
    points: deadlines.map((d) => [x(d), 100 - goodputOf(variant, d) * 100] as const),
  })),
  heightPx: 240,
  x: logTicks(min, max).map(({ value, spare }) => ({ at: x(value), text: duration(value), spare })),
  marks: html`<line class="mark" data-mark x1="${x(chosen)}%" x2="${x(chosen)}%" y1="0" y2="100%"/>`,
})}
<div class="reading"><label for="deadline">Deadline <output for="deadline">${duration(chosen)}</output></label>
<input type="range" id="deadline" min="0" max="${deadlines.length - 1}" value="${index}" step="1">
<ol class="ranking">${variants
      .toSorted((a, b) => goodputOf(b, chosen) - goodputOf(a, chosen))
      .map((variant) => entry(result, variant, chosen))}</ol></div></figure>
${jsonElement('goodput-data', {
  deadlines: deadlines.map((d) => ({ text: duration(d), at: x(d) })),
  goodput: Object.fromEntries(
    variants.map((variant) => [
      result.variants.indexOf(variant),
      deadlines.map((d) => ({ value: goodputOf(variant, d), text: share(goodputOf(variant, d)) })),
    ]),
  ),
})}`,
  };
}

const goodputOf = (variant: VariantResult, deadlineMs: number): number =>
  variant.goodputByDeadline.find((point) => point.deadlineMs === deadlineMs)?.goodput ?? 0;

/** Returns the deadlines of the axis. Leaves out the deadlines at both ends between which no goodput changes. */
function deadlinesShown(variants: readonly VariantResult[], own: number): number[] {
  const deadlines = (variants[0]?.goodputByDeadline ?? []).map(({ deadlineMs }) => deadlineMs);
  const still = (a: number, b: number) =>
    variants.every((variant) => Math.abs(goodputOf(variant, a) - goodputOf(variant, b)) < 0.005);
  const [first = 0, last = 0] = [deadlines[0], deadlines.at(-1)];
  const begin = deadlines.findLastIndex((ms) => ms <= own && still(first, ms));
  const end = deadlines.findIndex((ms) => ms >= own && still(ms, last));
  return deadlines.slice(Math.max(0, begin), end < 0 ? undefined : end + 2);
}

function entry(result: Result, variant: VariantResult, deadlineMs: number): Part {
  const index = result.variants.indexOf(variant);
  const { colour, dash } = keyOf(index);
  return html`<li data-variant="${index}">${badge(index)}<svg class="sample ${colour}" aria-hidden="true"><line x1="0" x2="100%" y1="50%" y2="50%" stroke-dasharray="${dash}"/></svg><span class="name">${variant.name}</span><span class="value">${share(goodputOf(variant, deadlineMs))}</span></li>`;
}
