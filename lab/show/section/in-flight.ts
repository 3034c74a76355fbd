import { kneeInFlight } from '#downstream/config.ts';
import { applicationFaults } from '#downstream/faults/config.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { count, duration, number, plural } from '#lab/experiment/text/format.ts';
import { measuredVariants, peak } from '#lab/judge/result/facts.ts';
import type { Result, VariantResult } from '#lab/judge/result/result.ts';
import { linearScale, lineChart, logScale, logTicks, niceStep } from '#lab/show/chart.ts';
import { type Html, html, type Part } from '#lab/show/html.ts';
import { axisEndMs, commonBands, downsample } from './series.ts';

/** End of the axis ÷ highest peak. Leaves room for letters below the names of phases and faults. */
const headroom = { linear: 1.25, log: 3 };

/** Draws the calls in flight at downstream over time, with the knee; null if they are unknown. */
export function inFlightChart(result: Result): Html | null {
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
  const notes = [mean, isLog && 'logarithmic', cut, variants.length > 1 && 'letters at the peaks'].filter(
    Boolean,
  );
  const y = (inFlight: number) => 100 - up(inFlight);
  const x = linearScale(endMs);
  return html`<figure class="in-flight"><figcaption>Calls in flight at the dependency${notes.length > 0 && html` <small>(${notes.join(', ')})</small>`}${knee !== null && kneeKey(knee)}</figcaption>
${lineChart({
  label: `Calls in flight at the dependency over time. ${variants.map((variant) => described(result, variant)).join('. ')}.${knee === null ? '' : ` The knee is at ${number(knee)}.`}`,
  lines: variants.map((variant) => {
    const { tMs = [], inFlight = [] } = downsample(variant.series);
    const points = tMs.flatMap((t, i) => {
      const value = inFlight[i] ?? null;
      return t > endMs ? [] : [value === null ? null : ([x(t), y(value)] as const)];
    });
    const known = points.filter((point) => point !== null);
    const top = Math.min(...known.map(([, height]) => height));
    const peaks = known.filter(([, height]) => height === top);
    const letterAt = peaks[peaks.length >> 1];
    return { index: result.variants.indexOf(variant), points, ...(letterAt && { letterAt }) };
  }),
  x: stops(endMs, 6).map((ms) => ({ at: x(ms), text: duration(ms) })),
  y: (isLog
    ? logTicks(1, most * headroom.log).flatMap(({ value, spare }) => (spare ? [] : value))
    : stops(most * 1.05, 5)
  ).map((value) => ({ at: y(value), text: count(value) })),
  marks: [bands(variants, x, endMs), knee !== null && kneeMark(y(knee))],
  heightPx: heightBeside(result.variants.length),
})}</figure>`;
}

const described = (result: Result, variant: VariantResult): string =>
  `${variant.name}: at most ${count(valueIn(result, variant.name, 'peakInFlight') ?? peak(variant, 'inFlight') ?? 0)}`;

const stops = (max: number, parts: number): number[] => {
  const step = Math.max(1, niceStep(max, parts));
  return Array.from({ length: Math.floor(max / step) + 1 }, (_, i) => i * step);
};

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

const kneeMark = (at: number): Part => html`<line class="mark" x1="0" x2="100%" y1="${at}%" y2="${at}%"/>`;

/** Explains the line of the knee, outside of the plot, where no other line crosses the words. */
const kneeKey = (knee: number): Part =>
  html`<span class="knee"><svg class="sample" aria-hidden="true"><line class="mark" x1="0" x2="100%" y1="50%" y2="50%"/></svg>knee ${number(knee)}: above it calls slow down</span>`;

/** Returns the height of the plot that makes the chart about as tall as the bars of the variants beside it. */
const heightBeside = (variants: number): number => Math.min(300, Math.max(150, 46 * variants));

/** Width of a letter on the narrowest chart, in percent. */
const letterPercent = 2;

/** Shades phases and faults behind the lines. Shows the name of a band if it fits before the next band. */
function bands(variants: readonly VariantResult[], x: (ms: number) => number, endMs: number): Part {
  const shown = commonBands(variants)
    .filter(({ fromMs }) => fromMs < endMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  return shown.map(({ name, kind, fromMs, untilMs }, i) => {
    const next = shown[i + 1];
    const hasRoom = x(next?.fromMs ?? endMs) - x(fromMs) > letterPercent * name.length;
    return html`<svg x="${x(fromMs)}%" width="${x(untilMs) - x(fromMs)}%" height="100%" overflow="visible"><rect class="band ${kind}" width="100%" height="100%"/>${hasRoom && html`<text class="band-name ${kind}" x="4" y="12">${name}</text>`}<title>${name}</title></svg>`;
  });
}
