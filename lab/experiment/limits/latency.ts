import { type DownstreamConfig, outcomeAt } from '#downstream/config.ts';

/** Number of equally likely draws that stand for a distribution. Its percentiles are exact to 1 ÷ this number. */
const drawsOf = 2000;

/** Returns the latencies in ms of a dependency with so many attempts in flight, this one included, and an empty queue. */
export function latenciesOf(downstream: Pick<DownstreamConfig, 'model'>, inFlight = 1) {
  const outcomes = Array.from({ length: drawsOf }, (_, index) => outcomeOf(downstream, inFlight, index));
  const sorted = outcomes.map(({ latencyMs }) => latencyMs).sort((a, b) => a - b);
  return {
    /** Equally likely latencies, the shortest first. */
    allMs: sorted as readonly number[],
    meanMs: meanOf(sorted),
    /** Returns the mean of attempts that are cut off after a time. */
    meanUpTo: (limitMs: number) => meanOf(sorted.map((ms) => Math.min(ms, limitMs))),
    quantileMs: (share: number) => sorted[Math.min(drawsOf - 1, Math.floor(share * drawsOf))]!,
    /** Returns the share of the attempts that take longer. */
    above: (ms: number) => sorted.filter((latencyMs) => latencyMs > ms).length / drawsOf,
    /** Share of the attempts that fail. */
    failed: outcomes.filter(({ failed }) => failed).length / drawsOf,
  };
}

export const meanOf = (all: readonly number[]): number => all.reduce((sum, ms) => sum + ms, 0) / all.length;

/** Returns the outcome of the first attempt at a fresh dependency. The points of all draws fill their space evenly. */
function outcomeOf(downstream: Pick<DownstreamConfig, 'model'>, inFlight: number, index: number) {
  const points: Readonly<Record<string, number>> = {
    latency: (index + 0.5) / drawsOf,
    angle: inverse(index, 2),
    failure: inverse(index, 3),
  };
  return outcomeAt(downstream, inFlight, (purpose) => points[purpose]!);
}

/** Returns the radical inverse of van der Corput: the digits of a number behind the point, in reverse. */
function inverse(index: number, base: number): number {
  let [value, digit] = [0, 1 / base];
  for (let rest = index; rest > 0; rest = Math.floor(rest / base), digit /= base)
    value += (rest % base) * digit;
  return value;
}
