import { valueIn } from '#lab/experiment/metrics/table.ts';
import { byGoodput, disturbedIn, peak } from '#lab/judge/result/facts.ts';
import type { Result, Series, VariantResult } from '#lab/judge/result/result.ts';
import { duration } from '#lab/kit/text/format.ts';
import { commonBands, isEventful, ribbon } from '#lab/show/bands.ts';
import { linearScale, niceStep } from '#lab/show/chart.ts';
import { badge, html, type Part } from '#lab/show/html.ts';
import { inFlightChart } from './in-flight.ts';
import type { Section } from './section.ts';
import { axisEndMs, lineBinMs, timeChart } from './time-chart.ts';

interface Panel {
  readonly column: Exclude<keyof Series, 'tMs'>;
  readonly title: string;
  readonly short: string;
  readonly states?: readonly string[];
}

/** Charts besides those of the first screen. */
const panels: readonly Panel[] = [
  {
    column: 'retries',
    title: 'Retries (refused ones, too) or redeliveries per second',
    short: 'retries per second',
  },
  { column: 'backlog', title: 'Backlog', short: 'backlog' },
  { column: 'breaker', title: 'Breaker state', short: 'breaker', states: ['closed', 'half-open', 'open'] },
  { column: 'dead', title: 'Dead letters so far', short: 'dead letters' },
];
const heightPx = 110;

export function seriesSection(result: Result): Section | null {
  const sampled = result.variants.filter(({ series }) => series.tMs.length > 1);
  if (sampled.length === 0) return null;
  const measured = panels.filter(({ column }) => sampled.some((each) => peak(each, column) !== null));
  const drawn = measured.filter(
    ({ column, states }) => states || sampled.some((each) => (peak(each, column) ?? 0) > 0),
  );
  const absent = measured.filter((panel) => !drawn.includes(panel)).map(({ short }) => short);
  const endMs = axisEndMs(sampled);
  const isCut = sampled.some(({ series }) => series.tMs.at(-1)! > endMs);
  const chosen = picked(result, sampled);
  const bands = commonBands(result, sampled);
  const button = (variant: VariantResult): Part => {
    const index = result.variants.indexOf(variant);
    return html`<button type="button" data-choice="${index}" aria-pressed="${chosen.includes(variant) ? 'true' : 'false'}">${badge(index)}${variant.name}</button>`;
  };
  const isPale = disturbedIn(result).length === result.variants.length;
  return {
    lead: html`Time since the load began${isCut && `, until ${duration(endMs)}`}. Gaps: the process did not answer; dashed: its last value.<span class="mouse"> Point at a chart, or use its arrow keys, to read values.</span>`,
    body: html`${sampled.length > 1 && html`<div class="chooser" role="group" aria-label="Variants shown over time">${sampled.map(button)}</div>`}
<div class="panels${isPale && ' pale'}" data-bin="${lineBinMs(result, endMs)}" data-end="${endMs}">${bands.length > 0 && html`<div class="plot ribbons"><svg class="ribbon" height="18" aria-hidden="true">${ribbon(bands, linearScale(endMs))}</svg></div>`}
${isEventful(result) && inFlightChart(result, heightPx)}
${drawn.map((panel) => panelOf(result, panel, sampled, endMs))}<output class="mouse"></output>${isPale && html`<b class="stamp">not judged</b>`}</div>
${absent.length > 0 && html`<p class="footnote">Always 0 in every variant: ${absent.join(', ')}.</p>`}`,
  };
}

function panelOf(result: Result, panel: Panel, sampled: readonly VariantResult[], endMs: number): Part {
  const { column, title, states } = panel;
  const variants = sampled.filter((each) => peak(each, column) !== null);
  const most = states ? 2 : Math.max(1, ...variants.map((each) => peak(each, column) ?? 0));
  const step = states ? 1 : Math.max(1, niceStep(most, 3));
  const ticks = Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
  return html`<figure class="panel" tabindex="0" data-column="${column}"><figcaption>${title}</figcaption>
${timeChart(result, { column, title, variants, up: linearScale(most * 1.1), ticks, heightPx, endMs, ...(states && { states }) })}</figure>
`;
}

/** Picks the variants that are shown at first: the control, the best and the worst. */
function picked(result: Result, variants: readonly VariantResult[]): readonly VariantResult[] {
  const control = variants.find(({ description }) => /^the control\b/i.test(description)) ?? variants[0];
  const ranked = byGoodput(result).filter((each) => variants.includes(each));
  const worst = ranked.findLast(
    ({ name }) => valueIn(result, name, 'goodput') === valueIn(result, ranked.at(-1)!.name, 'goodput'),
  );
  return [control, ranked[0], worst].filter((variant) => variant !== undefined);
}
