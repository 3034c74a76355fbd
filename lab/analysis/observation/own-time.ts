import type { Samples } from '#lab/evidence/samples.ts';
import { mapErrors } from '#lab/result/facts.ts';
import type { Observation } from './observation.ts';

/** Converts an observation in slow motion to the experiment's own time: every time ÷ `factor`. Changes the requests. */
export function inOwnTime(observed: Observation, factor: number): Observation {
  if (factor === 1) return observed;
  const own = (ms: number) => ms / factor;
  const ownFields = <T extends object>(value: T, ...names: (keyof T)[]): T => ({
    ...value,
    ...Object.fromEntries(names.map((name) => [name, own(value[name] as number)])),
  });
  const { summary, effects, deltas, stalls } = observed;
  observed.requests.speedUp(factor);
  return {
    ...ownFields(observed, 'durationMs'),
    summary: {
      ...ownFields(summary, 'startedAtMs', 'elapsedMs'),
      firstErrors: mapErrors(summary.firstErrors, (error) => ownFields(error, 'firstAtMs')),
    },
    effects: {
      ...ownFields(effects, 'belatedUntilMs'),
      firstAtMs: effects.firstAtMs.map(own),
      answeredAtMs: effects.answeredAtMs.map(own),
    },
    samples: observed.samples.map((sample) => ownFields(sample, 'atMs')),
    deltas: Object.fromEntries(
      Object.entries(deltas).map(([name, samples]) => [name, secondsScaled(samples, factor)]),
    ) as typeof deltas,
    byProcess: new Map(
      [...observed.byProcess].map(([name, samples]) => [name, secondsScaled(samples, factor)]),
    ),
    awake: secondsScaled(observed.awake, factor),
    injected: observed.injected.map((one) => ownFields(one, 'beganAtMs', 'endedAtMs')),
    redriven: observed.redriven.map((one) => ({
      ...one,
      took: one.took && ownFields(one.took, 'fromMs', 'untilMs'),
    })),
    stalls: { ...stalls, all: stalls.all.map((stall) => ownFields(stall, 'fromMs', 'untilMs', 'cpuMs')) },
  };
}

const seconds = /^spillway_\w+_seconds(_sum|_total)?(\{|$)/;
const bucket = /^(spillway_\w+_seconds_bucket\{.*le=")([^"]+)(".*)$/;

/** Divides the sums and the bounds of all times that Spillway measures. The CPU time of a process stays the same. */
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
