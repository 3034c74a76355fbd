import { goodputWithin } from '#lab/experiment/hypothesis/metrics.ts';
import { lineChart } from '#lab/report/chart/lines.ts';
import { logScale, logTicks } from '#lab/report/chart/scale.ts';
import { html, jsonElement, type Part } from '#lab/report/html.ts';
import { badge, keyOf, named } from '#lab/report/key.ts';
import { commonDeadlines, measuredVariants } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { duration, none, plural, share } from '#lab/text/format.ts';
import { figuresBehind, type Section } from './section.ts';

/** Section with the goodput over the deadline: the winner depends on how long the caller waits. */
export function goodputSection(result: Result): Section | null {
  const variants = measuredVariants(result).filter((variant) => variant.goodputByDeadline.length > 1);
  const deadlines = deadlinesShown(variants, result.experiment.deadlineMs);
  if (deadlines.length < 2) return null;
  const [min, max] = [deadlines[0] ?? 1, deadlines.at(-1) ?? 1];
  const x = logScale(min, max);
  const own = result.experiment.deadlineMs;
  const index = Math.max(0, deadlines.indexOf(own));
  return {
    id: 'goodput',
    short: 'Goodput',
    title: 'Goodput over the deadline',
    lead: 'The share of requests that were done in time, if the caller waits this long. A curve that stays flat has lost the rest; one that rises is only late.',
    body: html`<figure class="goodput">
${lineChart({
  label: `Goodput of ${plural(variants.length, 'variant')} for deadlines from ${duration(min)} to ${duration(max)}; the figures are in the table below`,
  lines: variants.map((variant) => ({
    key: keyOf(result.variants.indexOf(variant)),
    index: result.variants.indexOf(variant),
    points: deadlines.map((d) => [x(d), 100 - (goodputWithin(variant, d) ?? 0) * 100] as const),
  })),
  x: logTicks(min, max)
    .filter(({ major }) => major)
    .map(({ value, spare }) => ({ at: x(value), text: duration(value), spare })),
  y: [0, 25, 50, 75, 100].map((percent) => ({ at: 100 - percent, text: `${percent} %` })),
  mark: { at: x(deadlines[index] ?? min), text: '' },
})}
<div class="reading"><label for="deadline">Deadline <output for="deadline">${duration(deadlines[index] ?? min)}</output></label>
<input type="range" id="deadline" min="0" max="${deadlines.length - 1}" value="${index}" step="1">
<ol class="ranking">${ranked(variants, deadlines[index] ?? min).map((variant) => entry(result, variant, deadlines[index] ?? min))}</ol></div>
</figure>
${figures(result, variants, deadlines)}
${jsonElement('goodput-data', {
  deadlines: deadlines.map((d) => ({ text: duration(d), at: x(d) })),
  goodput: Object.fromEntries(
    variants.map((variant) => [
      result.variants.indexOf(variant),
      deadlines.map((d) => ({
        value: goodputWithin(variant, d) ?? 0,
        text: share(goodputWithin(variant, d) ?? 0),
      })),
    ]),
  ),
})}`,
  };
}

/** Cuts the ends of the axis where nothing changes. */
function deadlinesShown(variants: readonly VariantResult[], own: number): number[] {
  const deadlines = commonDeadlines(variants);
  const still = (a: number, b: number) =>
    variants.every(
      (variant) => Math.abs((goodputWithin(variant, a) ?? 0) - (goodputWithin(variant, b) ?? 0)) < 0.005,
    );
  const [first = 0, last = 0] = [deadlines[0], deadlines.at(-1)];
  const begin = deadlines.findLastIndex((ms) => ms <= own && still(first, ms));
  const end = deadlines.findIndex((ms) => ms >= own && still(ms, last));
  return deadlines.slice(Math.max(0, begin), end < 0 ? undefined : end + 2);
}

const ranked = (variants: readonly VariantResult[], deadlineMs: number): VariantResult[] =>
  [...variants].sort((a, b) => (goodputWithin(b, deadlineMs) ?? 0) - (goodputWithin(a, deadlineMs) ?? 0));

function entry(result: Result, variant: VariantResult, deadlineMs: number): Part {
  const index = result.variants.indexOf(variant);
  const { colour, dash } = keyOf(index);
  return html`<li data-variant="${index}">${badge(index)}<svg class="sample ${colour}" aria-hidden="true"><line x1="0" x2="100%" y1="50%" y2="50%" stroke-dasharray="${dash}"/></svg><span class="name">${variant.name}</span><span class="value">${share(goodputWithin(variant, deadlineMs) ?? 0)}</span></li>`;
}

function figures(result: Result, variants: readonly VariantResult[], deadlines: readonly number[]): Part {
  return figuresBehind({
    caption: 'Goodput by deadline',
    of: 'numbers',
    head: ['Variant', ...deadlines.map(duration)],
    rows: variants.map((variant) => [
      named(result, variant),
      ...deadlines.map((deadline) => {
        const value = goodputWithin(variant, deadline);
        return value === null ? none : share(value);
      }),
    ]),
  });
}
