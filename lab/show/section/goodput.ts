import { measuredVariants } from '#lab/judge/result/facts.ts';
import type { Result, VariantResult } from '#lab/judge/result/result.ts';
import { duration, plural } from '#lab/kit/text/format.ts';
import { lineChart, logScale, logTicks } from '#lab/show/chart.ts';
import { html, named } from '#lab/show/html.ts';
import type { Section } from './section.ts';

export function goodputSection(result: Result): Section | null {
  const variants = measuredVariants(result).filter((variant) => variant.goodputByDeadline.length > 1);
  const { deadlineMs } = result.experiment;
  const deadlines = deadlinesShown(variants, deadlineMs);
  if (deadlines.length < 2) return null;
  const [min, max] = [deadlines[0]!, deadlines.at(-1)!];
  const x = logScale(min, max);
  return {
    lead: `The horizontal axis is the deadline: how long the caller waits. The mark is at the experiment's, ${duration(deadlineMs)}. Flat: the remaining requests complete much later or never. Rising: they only need more time.`,
    body: html`<figure><figcaption>Share of requests that complete in time</figcaption>
${lineChart({
  label: `Goodput of ${plural(variants.length, 'variant')} for deadlines from ${duration(min)} to ${duration(max)}`,
  lines: variants.map((variant) => ({
    index: result.variants.indexOf(variant),
    points: deadlines.map((d) => [x(d), 100 - goodputOf(variant, d) * 100] as const),
  })),
  heightPx: 240,
  x: logTicks(min, max).map(({ value, spare }) => ({ at: x(value), text: duration(value), spare })),
  marks: html`<line class="mark" x1="${x(deadlineMs)}%" x2="${x(deadlineMs)}%" y1="0" y2="100%"/>`,
})}
<ul class="legend">${variants.map((variant) => html`<li>${named(result, variant)}</li>`)}</ul></figure>`,
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
