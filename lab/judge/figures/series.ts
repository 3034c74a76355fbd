import type { Requests } from '#lab/evidence/requests.ts';
import type { Sample } from '#lab/judge/observation/observation.ts';
import type { Series } from '#lab/judge/result/result.ts';

const pointsMax = 600;
const finestMs = 50;

type Column = (number | null | undefined)[];

/** Returns the length in ms of one interval of the series, for a run of `durationMs`. */
export const intervalMs = (durationMs: number): number =>
  Math.max(finestMs, Math.ceil(durationMs / pointsMax / 10) * 10);

export function seriesOf(
  requests: Requests,
  samples: readonly Sample[],
  startedAtMs: number,
  durationMs: number,
  hasBreaker: boolean,
): Series {
  const stepMs = intervalMs(durationMs);
  const points = Math.max(1, Math.ceil(durationMs / stepMs));
  const offered = new Array<number>(points).fill(0);
  const goodput = new Array<number>(points).fill(0);
  const perSecond = 1000 / stepMs;
  for (let index = 0; index < requests.size; index++) {
    const point = Math.floor(requests.scheduledAtMs[index]! / stepMs);
    if (!(point < points)) continue;
    offered[point]! += perSecond;
    if (requests.outcome(index) === 'ok') goodput[point]! += perSecond;
  }
  /** Value of the last sample in each interval: null if the process did not respond, undefined without a sample. */
  const sampled = (pick: (sample: Sample) => number | null): Column => {
    const values: Column = new Array(points).fill(undefined);
    for (const sample of samples) {
      const point = Math.floor((sample.atMs - startedAtMs) / stepMs);
      if (point >= 0 && point < points) values[point] = pick(sample);
    }
    return values;
  };
  const level = (pick: (sample: Sample) => number | null) => levelOf(sampled(pick));
  const rates = (samples[0]?.retries ?? []).map((_, process) =>
    rateOf(
      sampled(({ retries }) => retries[process]!),
      stepMs,
    ),
  );
  return {
    tMs: offered.map((_, point) => point * stepMs),
    offered,
    goodput,
    inFlight: level(({ inFlight }) => inFlight),
    retries: offered.map((_, point) => {
      const known = rates.flatMap((rate) => rate[point] ?? []);
      return known.length > 0 ? known.reduce((sum, rate) => sum + rate, 0) : null;
    }),
    breaker: hasBreaker ? level(({ breaker }) => breaker) : new Array<null>(points).fill(null),
    backlog: level(({ backlog }) => backlog),
    dead: level(({ dead }) => dead),
  };
}

/** Fills intervals without a sample with the level of the sample before. After the last sample, the level is null. */
function levelOf(values: Column): (number | null)[] {
  const end = values.findLastIndex((value) => value !== undefined);
  let last: number | null = null;
  return values.map((value, point) => {
    if (value !== undefined) last = value;
    return point <= end ? last : null;
  });
}

/**
 * Converts the values of a counter to increases per second, averaged over the time since the last known value. After a
 * restart of its process, a counter starts at 0 again. Intervals without a sample get the rate of the next sample.
 * Intervals without a response stay null.
 */
function rateOf(counter: Column, stepMs: number): (number | null)[] {
  let last: { value: number; point: number } | undefined;
  const rates = counter.map((value, point) => {
    if (value === undefined || value === null) return value;
    const delta = last === undefined ? 0 : value >= last.value ? value - last.value : value;
    const steps = point - (last?.point ?? point - 1);
    last = { value, point };
    return (delta / steps) * (1000 / stepMs);
  });
  let next: number | null = null;
  return rates.reduceRight<(number | null)[]>((filled, rate, point) => {
    if (rate !== undefined) next = rate;
    filled[point] = next;
    return filled;
  }, []);
}
