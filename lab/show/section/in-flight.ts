import { kneeInFlight } from '#downstream/config.ts';
import { applicationFaults } from '#downstream/faults/config.ts';
import { measuredVariants, peak } from '#lab/judge/result/facts.ts';
import type { Result, VariantResult } from '#lab/judge/result/result.ts';
import { duration, number, plural } from '#lab/kit/text/format.ts';
import { linearScale, logScale, logTicks, niceStep } from '#lab/show/chart.ts';
import { type Html, html, type Part } from '#lab/show/html.ts';
import { axisEndMs, timeChart } from './time-chart.ts';

/** End of the axis ÷ highest peak. */
const headroom = { linear: 1.1, log: 1.5 };

/** Draws the calls in flight at downstream over time, with the knee; null if they are unknown. */
export function inFlightChart(result: Result, heightPx = heightBeside(result.variants.length)): Html | null {
  const variants = measuredVariants(result).filter(
    (variant) => variant.series.tMs.length > 1 && (peak(variant, 'inFlight') ?? 0) > 0,
  );
  if (variants.length === 0) return null;
  const endMs = axisEndMs(variants);
  const most = Math.max(...variants.map((variant) => peak(variant, 'inFlight') ?? 0));
  const knee = kneeOf(variants);
  const cut = variants.some(({ series }) => series.tMs.at(-1)! > endMs) && `first ${duration(endMs)}`;
  // A linear axis shows more while all lines stay near the knee. Larger numbers need a logarithmic axis.
  const isLog = most > 8 * (knee ?? most);
  const up = isLog
    ? logScale(1, most * headroom.log)
    : linearScale(Math.max(most, knee ?? 0) * headroom.linear);
  const mean = result.rounds && `mean of ${plural(result.rounds.length, 'round')}`;
  const notes = [mean, isLog && 'logarithmic', cut].filter(Boolean);
  const title = 'Calls in flight at the dependency';
  const step = Math.max(1, niceStep(most, 4));
  const ticks = isLog
    ? logTicks(1, most * headroom.log).flatMap(({ value, spare }) => (spare ? [] : value))
    : Array.from({ length: Math.floor((most * 1.05) / step) + 1 }, (_, i) => i * step);
  return html`<figure class="panel" tabindex="0" data-column="inFlight"><figcaption>${title}${notes.length > 0 && html` <small>(${notes.join(', ')})</small>`}${knee !== null && kneeKey(knee)}</figcaption>
${timeChart(result, {
  ...{ column: 'inFlight', title, variants, up, ticks, heightPx, endMs },
  marks:
    knee !== null &&
    html`<line class="mark" x1="0" x2="100%" y1="${100 - up(knee)}%" y2="${100 - up(knee)}%"/>`,
  note: knee === null ? '' : ` The knee is at ${number(knee)}.`,
})}</figure>`;
}

/**
 * Returns the knee of all variants, summed over the replicas of downstream. Null if
 * - the dependency's model has no knee, or its knee is a single call,
 * - the variants' knees differ, or
 * - a fault moved the knee.
 */
function kneeOf(variants: readonly VariantResult[]): number | null {
  const knees = new Set(
    variants.map(({ config, faults }) => {
      const { downstream, replicas } = config as Configured;
      const moves = faults.some(
        ({ state, took }) => took && state.startsWith(applicationFaults.brownout.state),
      );
      const knee = downstream && !moves ? kneeInFlight(downstream) : null;
      return knee !== null && knee > 1 ? knee * (replicas?.downstream ?? 1) : null;
    }),
  );
  return knees.size === 1 ? [...knees][0]! : null;
}

interface Configured {
  readonly downstream?: Parameters<typeof kneeInFlight>[0];
  readonly replicas?: { readonly downstream: number };
}

/** Explains the line of the knee, outside of the plot, where no other line crosses the words. */
const kneeKey = (knee: number): Part =>
  html`<span class="knee"><svg class="sample" aria-hidden="true"><line class="mark" x1="0" x2="100%" y1="50%" y2="50%"/></svg>knee ${number(knee)}: above it calls wait, slow down or are refused</span>`;

/** Returns the height of the plot that makes the chart about as tall as the bars of the variants beside it. */
const heightBeside = (variants: number): number => Math.min(300, Math.max(150, 46 * variants));
