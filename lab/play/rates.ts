import { type Phase, phaseSpans } from '#load/phases.ts';

/** Returns the rate of a phase per second at a time after its start; NaN if its options don't tell it. */
function rateIn({ arrivals }: Phase, ms: number, forMs: number): number {
  switch (arrivals.kind) {
    case 'constant':
    case 'poisson':
      return arrivals.ratePerSecond;
    case 'ramp':
      return arrivals.fromPerSecond + ((arrivals.toPerSecond - arrivals.fromPerSecond) * ms) / forMs;
    case 'bursts':
      return (arrivals.total * 1000) / forMs;
    case 'replay':
      return Number.NaN;
  }
}

/** Returns a function that returns the rate of a load per second at a time. After its end, the last one goes on. */
export function ratesOf(load: readonly Phase[]): (atMs: number) => number {
  const spans = phaseSpans(load).map(({ span }, index) => ({ ...span, phase: load[index]! }));
  return (atMs) => {
    const { fromMs, untilMs, phase } = spans.findLast((span) => span.fromMs <= atMs) ?? spans[0]!;
    return rateIn(phase, Math.min(atMs, untilMs) - fromMs, untilMs - fromMs);
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
