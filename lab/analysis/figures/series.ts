import type { Sample } from '#lab/analysis/observation/samples.ts';
import type { Requests } from '#lab/evidence/requests.ts';
import type { Series } from '#lab/result/series.ts';

/** The most points a series has. */
const pointsMax = 600;
const finestMs = 50;

type Column = (number | null | undefined)[];

/** How long one interval of the series is, in ms, for a run of `durationMs`. */
export const intervalMs = (durationMs: number): number =>
  Math.max(finestMs, Math.ceil(durationMs / pointsMax / 10) * 10);

/** Puts what the generator recorded and what was sampled on one time axis. `hasBreaker` is whether there is one to show. */
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
  const sampled = (pick: (sample: Sample) => number | null) =>
    spread(samples, startedAtMs, stepMs, points, pick);
  const level = (pick: (sample: Sample) => number | null) => levelOf(sampled(pick));
  return {
    tMs: offered.map((_, point) => point * stepMs),
    offered,
    goodput,
    inFlight: level(({ inFlight }) => inFlight),
    retries: sumOf(
      points,
      (samples[0]?.retries ?? []).map((_, index) =>
        rateOf(
          sampled(({ retries }) => retries[index]!),
          stepMs,
        ),
      ),
    ),
    breaker: hasBreaker ? level(({ breaker }) => breaker) : new Array<null>(points).fill(null),
    backlog: level(({ backlog }) => backlog),
    dead: level(({ dead }) => dead),
  };
}

/** The last sample of each interval: null where nobody answered, undefined where nobody was asked. */
function spread(
  samples: readonly Sample[],
  startedAtMs: number,
  stepMs: number,
  points: number,
  pick: (sample: Sample) => number | null,
): Column {
  const values: Column = new Array(points).fill(undefined);
  for (const sample of samples) {
    const point = Math.floor((sample.atMs - startedAtMs) / stepMs);
    if (point >= 0 && point < points) values[point] = pick(sample);
  }
  return values;
}

/** A level is taken to stay as it was until the next time that somebody was asked. */
function levelOf(values: Column): (number | null)[] {
  const end = values.findLastIndex(isAsked);
  let last: number | null = null;
  return values.map((value, point) => {
    if (value !== undefined) last = value;
    return point <= end ? last : null;
  });
}

/**
 * From a counter to its growth per second, evenly since the last answer; a counter that began anew starts from 0. What
 * grew while nobody answered is told by the next answer alone, what grew while nobody was asked by all until then.
 */
function rateOf(counter: Column, stepMs: number): (number | null)[] {
  let last: { value: number; point: number } | undefined;
  const rates = counter.map((value, point) => {
    if (value === undefined || value === null) return value;
    const deltas = last === undefined ? 0 : value >= last.value ? value - last.value : value;
    const steps = point - (last?.point ?? point - 1);
    last = { value, point };
    return (deltas / steps) * (1000 / stepMs);
  });
  let next: number | null = null;
  const backwards = rates.toReversed().map((rate) => {
    if (rate !== undefined) next = rate;
    return next;
  });
  return backwards.toReversed();
}

/** Of those that are known; null where none is. */
function sumOf(points: number, columns: readonly (number | null)[][]): (number | null)[] {
  return Array.from({ length: points }, (_, point) =>
    columns.reduce<number | null>((sum, column) => {
      const value = column[point] ?? null;
      return value === null ? sum : (sum ?? 0) + value;
    }, null),
  );
}

const isAsked = (value: number | null | undefined): boolean => value !== undefined;
