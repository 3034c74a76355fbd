import { expect, test } from 'vitest';
import { slowed } from '#lab/experiment/scaled.ts';
import { stallResults } from '#lab/judge/figures/stalls.ts';
import { measure } from '#lab/judge/measure.ts';
import type { Observation } from '#lab/judge/observation/observation.ts';
import { inOwnTime } from '#lab/judge/observation/read-observation.ts';
import { parsed } from '#test/fixtures/experiment.ts';
import { experiment, observation } from '../observation.ts';

const factor = 4;

const stalls = [{ process: 'generator', fromMs: 1010, untilMs: 1070, cpuMs: 20 }];

/** Returns an observation in slow motion: all times are multiplied by `factor`. */
function slow(name: 'calls' | 'events'): Observation {
  const observed = observation(name);
  observed.requests.speedUp(1 / factor);
  const { summary, effects } = observed;
  const seconds = (samples: ReadonlyMap<string, number>) =>
    new Map(
      [...samples].map(([series, value]) => {
        const bound = /^(spillway_\w+_bucket\{.*le=")([\d.]+)/.exec(series);
        if (bound) return [series.replace(bound[0], bound[1]! + Number(bound[2]) * factor), value];
        return [series, /^spillway_\w+_seconds(_sum|_total)?(\{|$)/.test(series) ? value * factor : value];
      }),
    );
  return {
    ...observed,
    summary: {
      ...summary,
      startedAtMs: summary.startedAtMs * factor,
      elapsedMs: summary.elapsedMs * factor,
      firstErrors: { failed: [{ reason: '502', count: 1, firstAtMs: 50 * factor }] },
    },
    effects: {
      ...effects,
      firstAtMs: effects.firstAtMs.map((ms) => ms * factor),
      answeredAtMs: effects.answeredAtMs.map((ms) => ms * factor),
      belatedUntilMs: effects.belatedUntilMs * factor,
    },
    samples: observed.samples.map((sample) => ({ ...sample, atMs: sample.atMs * factor })),
    deltas: Object.fromEntries(
      Object.entries(observed.deltas).map(([service, samples]) => [service, seconds(samples)]),
    ) as unknown as Observation['deltas'],
    byProcess: new Map([...observed.byProcess].map(([process, samples]) => [process, seconds(samples)])),
    awake: seconds(observed.awake),
    stalls: {
      all: stalls.map((stall) => ({
        ...stall,
        fromMs: stall.fromMs * factor,
        untilMs: stall.untilMs * factor,
        cpuMs: stall.cpuMs * factor,
      })),
      incomplete: [],
    },
    clocks: {
      comparedWithinMs: 0.5 * factor,
      wallDifferenceMs: 3 * factor,
      processes: [],
    },
    durationMs: observed.durationMs * factor,
  };
}

test.each(['calls', 'events'] as const)('inOwnTime gives %s the figures of the experiment', (name) => {
  const own = inOwnTime(slow(name), factor);
  const { summary } = observation(name);
  const firstErrors = { failed: [{ reason: '502', count: 1, firstAtMs: 50 }] };
  const expected = measure(
    experiment,
    observation(name, {
      summary: { ...summary, firstErrors },
      stalls: { all: stalls, incomplete: [] },
      clocks: own.clocks,
    }),
    [50, 100],
  );
  expect(own.clocks).toEqual({
    comparedWithinMs: 0.5,
    wallDifferenceMs: 3,
    processes: [],
  });
  expect(expected.variant.stalls).toHaveLength(1);
  expect(withoutConfig(measure(experiment, own, [50, 100]))).toEqual(withoutConfig(expected));
  const { run } = measure(slowed(experiment, factor), slow(name), [200, 400]);
  expect(run.latency).not.toEqual(expected.run.latency);
});

const withoutConfig = ({ variant: { config: _, ...variant }, ...rest }: ReturnType<typeof measure>) => ({
  ...{ ...rest, variant },
});

test.each([1, factor])('in slow motion of %d a stall that a fault caused is left out', (k) => {
  const faulty = parsed(`
deadlineMs: 100
load: [{ arrivals: { kind: constant, ratePerSecond: 100, forMs: 10000 } }]
variants: { calls: { path: rpc } }
faults: [{ name: freeze, atMs: 2000, forMs: 300, target: gateway, fault: { kind: pause } }]
`);
  const [fault] = faulty.faults;
  const base = observation('calls');
  const startedAtMs = 1000 * k;
  const stopped = (atMs: number) => ({
    process: 'gateway',
    fromMs: startedAtMs + atMs * k,
    untilMs: startedAtMs + (atMs + 300) * k,
    cpuMs: 0,
  });
  const observed: Observation = {
    ...base,
    summary: { ...base.summary, startedAtMs },
    injected: [
      {
        fault: fault!,
        state: 'paused',
        beganAtMs: startedAtMs + 2001 * k,
        endedAtMs: startedAtMs + 2305 * k,
      },
    ],
    stalls: { all: [stopped(2001), stopped(5000)], incomplete: [] },
    durationMs: 10_000 * k,
  };
  const own = inOwnTime(observed, k);
  const found = stallResults(own, 'rpc', { lagP99Ms: 2 });
  expect(found.map(({ fromMs }) => fromMs)).toEqual([5000]);
});
