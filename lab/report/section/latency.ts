import { rowChart } from '#lab/report/chart/rows.ts';
import { logScale, logTicks, type Scale } from '#lab/report/chart/scale.ts';
import { html, type Part } from '#lab/report/html.ts';
import { type Key, keyOf, named } from '#lab/report/key.ts';
import { completedShare, measuredVariants, saturated } from '#lab/result/facts.ts';
import type { Percentiles, Result, VariantResult } from '#lab/result/result.ts';
import { duration, share } from '#lab/text/format.ts';
import { figuresBehind, type Section, saturationNote, warning } from './section.ts';

const shown = [
  ['p50', 'p50Ms'],
  ['p90', 'p90Ms'],
  ['p95', 'p95Ms'],
  ['p99', 'p99Ms'],
  ['p99.9', 'p999Ms'],
] as const satisfies readonly (readonly [string, keyof Percentiles])[];

const leastMs = 0.1;

export function latencySection(result: Result): Section | null {
  const variants = measuredVariants(result);
  const latencies = variants.flatMap(({ latency }) => (latency ? [latency] : []));
  if (latencies.length === 0) return null;
  const deadline = result.experiment.deadlineMs;
  const low = Math.max(leastMs, Math.min(deadline, ...latencies.map(({ p50Ms }) => p50Ms)));
  const high = Math.max(deadline, ...latencies.map(({ p999Ms }) => p999Ms));
  // Room at both ends, so that the dots there stay inside however narrow the page is.
  const room = (high / low) ** 0.05;
  const [min, max] = [floorOf(low / room), high * room];
  const x = logScale(min, max);
  return {
    lead: html`From the scheduled time to the reported completion, waiting included; logarithmic. Dots from left to right: ${shown.map(([name]) => name).join(', ')}. Only completed requests have a latency, so a variant that loses most of them can look fast. The dashed line is the deadline.`,
    body: [
      rowChart(
        variants.map((variant) => ({
          head: named(result, variant),
          marks:
            variant.latency && dots(variant, variant.latency, x, keyOf(result.variants.indexOf(variant))),
          label: variant.latency
            ? `${variant.name}: ${spoken(variant.latency)}`
            : `${variant.name}: no request completed`,
          value: variant.latency
            ? html`<strong>${duration(variant.latency.p50Ms)}</strong> · p99 ${duration(variant.latency.p99Ms)}${saturated(variant).length > 0 && html`<sup>‡</sup>`}`
            : 'no latency',
          ...noteOf(variant),
        })),
        logTicks(min, max).map(({ value, spare }) => ({ at: x(value), text: duration(value), spare })),
        x(deadline),
      ),
      variants.some((variant) => saturated(variant).length > 0) && saturationNote,
      figures(result, variants),
    ],
  };
}

function dots(variant: VariantResult, latency: Percentiles, x: Scale, { colour }: Key): Part {
  const hollow = completedShare(variant) < 0.5 && ' hollow';
  const circles = shown.toReversed().map(([name, field]) => {
    const radius = name === 'p50' ? 7 : name === 'p99' ? 5 : 3.5;
    return html`<circle cx="${x(latency[field])}%" cy="50%" r="${radius}"><title>${name}: ${duration(latency[field])}</title></circle>`;
  });
  return html`<g class="range ${colour}${hollow}"><line x1="${x(latency.p50Ms)}%" x2="${x(latency.p999Ms)}%" y1="50%" y2="50%"/>${circles}</g>`;
}

const spoken = (latency: Percentiles): string =>
  shown.map(([name, field]) => `${name} ${duration(latency[field])}`).join(', ');

function noteOf(variant: VariantResult): { note?: Part } {
  const covered = completedShare(variant);
  return covered < 0.5
    ? { note: warning(`covers only the ${share(covered)} of requests that completed`) }
    : {};
}

function figures(result: Result, variants: readonly VariantResult[]): Part {
  return figuresBehind({
    caption: 'Latency of completed requests, from the scheduled time',
    of: 'numbers',
    head: ['Variant', 'covers', 'mean', ...shown.map(([name]) => name), 'max'],
    rows: variants.map((variant) => [
      named(result, variant),
      share(completedShare(variant)),
      ...(['meanMs', ...shown.map(([, field]) => field), 'maxMs'] as const).map((field) =>
        duration(variant.latency?.[field] ?? null),
      ),
    ]),
  });
}

/** Returns the 1, 2 or 5 times a power of ten below a value, where the axis begins. */
function floorOf(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * ([5, 2].find((digit) => digit * power < value) ?? 1);
}
