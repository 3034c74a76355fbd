import { type Phase, phaseSpans } from '#load/phases.ts';

/** Returns a function that returns the rate of a load per second at a time; NaN if its arrivals don't tell it. */
export function ratesOf(load: readonly Phase[]): (atMs: number) => number {
  const spans = phaseSpans(load).map(({ span }, index) => ({ ...span, arrivals: load[index]!.arrivals }));
  return (atMs) => {
    const { fromMs, untilMs, arrivals } = spans.findLast((span) => span.fromMs <= atMs) ?? spans[0]!;
    if ('ratePerSecond' in arrivals) return arrivals.ratePerSecond;
    if (arrivals.kind === 'bursts') return (arrivals.total * 1000) / (untilMs - fromMs);
    if (arrivals.kind !== 'ramp') return Number.NaN;
    const { fromPerSecond, toPerSecond } = arrivals;
    const part = (Math.min(atMs, untilMs) - fromMs) / (untilMs - fromMs);
    return fromPerSecond + (toPerSecond - fromPerSecond) * part;
  };
}

/** Returns the spans of phases that begin with a higher rate than the first one. Neighbours of one rate are one span. */
export function higherLoads(load: readonly Phase[]) {
  const rateAt = ratesOf(load);
  const higher: { factor: number; fromMs: number; toMs: number }[] = [];
  for (const { span } of phaseSpans(load)) {
    const factor = Number((rateAt(span.fromMs) / rateAt(0)).toPrecision(3));
    if (!(factor > 1)) continue;
    const last = higher.at(-1);
    if (last?.factor === factor && last.toMs === span.fromMs) last.toMs = span.untilMs;
    else higher.push({ factor, fromMs: span.fromMs, toMs: span.untilMs });
  }
  return higher;
}
