import type { Samples } from '#lab/evidence/samples.ts';
import { mapErrors } from '#lab/result/facts.ts';
import type { Observation } from './observation.ts';

/** Brings what was observed in slow motion back to the time of the experiment: every time ÷ `factor`. Changes the requests. */
export function inOwnTime(observed: Observation, factor: number): Observation {
  if (factor === 1) return observed;
  const own = (ms: number) => ms / factor;
  const { summary, requests, effects, deltas, each, injected, redriven } = observed;
  requests.speedUp(factor);
  return {
    ...observed,
    summary: {
      ...summary,
      startedAtMs: own(summary.startedAtMs),
      elapsedMs: own(summary.elapsedMs),
      firstErrors: mapErrors(summary.firstErrors, (error) => ({
        ...error,
        firstAtMs: own(error.firstAtMs),
      })),
    },
    effects: {
      ...effects,
      firstAtMs: effects.firstAtMs.map(own),
      answeredAtMs: effects.answeredAtMs.map(own),
      belatedUntilMs: own(effects.belatedUntilMs),
    },
    samples: observed.samples.map((sample) => ({ ...sample, atMs: own(sample.atMs) })),
    deltas: Object.fromEntries(
      Object.entries(deltas).map(([name, samples]) => [name, secondsScaled(samples, factor)]),
    ) as typeof deltas,
    each: new Map([...each].map(([name, samples]) => [name, secondsScaled(samples, factor)])),
    awake: secondsScaled(observed.awake, factor),
    injected: injected.map((one) => ({
      ...one,
      beganAtMs: own(one.beganAtMs),
      endedAtMs: own(one.endedAtMs),
    })),
    redriven: redriven.map((one) => ({
      ...one,
      took: one.took && { fromMs: own(one.took.fromMs), untilMs: own(one.took.untilMs) },
    })),
    stalls: {
      ...observed.stalls,
      all: observed.stalls.all.map((stall) => ({
        ...stall,
        fromMs: own(stall.fromMs),
        untilMs: own(stall.untilMs),
        cpuMs: own(stall.cpuMs),
      })),
    },
    durationMs: own(observed.durationMs),
  };
}

const seconds = /^spillway_\w+_seconds(_sum|_total)?(\{|$)/;
const bucket = /^(spillway_\w+_seconds_bucket\{.*le=")([^"]+)(".*)$/;

/** The sums and the bounds of all times that Spillway measures; the CPU time of a process stays as it is. */
function secondsScaled(samples: Samples, factor: number): Samples {
  return new Map(
    [...samples].map(([series, value]) => {
      const [, before, bound, after] = bucket.exec(series) ?? [];
      if (bound !== undefined && bound !== '+Inf')
        return [`${before}${Number(bound) / factor}${after}`, value];
      return [series, seconds.test(series) ? value / factor : value];
    }),
  );
}
