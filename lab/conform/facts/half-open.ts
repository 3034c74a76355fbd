import { type Bench, healthy, silent } from '#lab/conform/bench.ts';
import {
  failing,
  hourMs,
  minuteMs,
  type Profile,
  trip,
  tripAndRest,
  waitForAttempt,
  workMs,
} from '#lab/conform/probes.ts';
import { duration } from '#lab/kit/text/format.ts';
import { judged, none, type Scenario, unknown } from './fact.ts';

const arrivals = 50;
/** Most trial calls of 50 that don't flood the dependency. */
const trialsMax = 5;

/** Makes a scenario of a client whose circuit opens and that tries again later. */
const ofBreaker =
  (scenario: Scenario): Scenario =>
  async (bench, profile) => {
    if (!profile.breaker) return none('no breaker');
    if (profile.breaker.openMs === null) return judged(false, 'stays open for more than an hour');
    return scenario(bench, profile);
  };

/** Lets 50 calls arrive when a trial is due. Resolves when the trial has ended. */
async function herd(bench: Bench, profile: Profile) {
  await tripAndRest(bench, profile);
  bench.show(silent, `${arrivals} calls arrive after the open time`);
  const calls = bench.burst(arrivals);
  await bench.wait(workMs / 2);
  const trials = [...bench.attempts];
  const refused = calls.filter(({ isOk, attempts }) => isOk === false && attempts.length === 0).length;
  bench.answer = healthy(workMs);
  await bench.wait(workMs / 2);
  for (const trial of trials) bench.finish(trial);
  return { calls, admitted: trials.length, refused };
}

const trials = ofBreaker(async (bench, profile) => {
  const { admitted } = await herd(bench, profile);
  await bench.wait(workMs / 2);
  return judged(admitted <= trialsMax, `${admitted} of ${arrivals}`);
});

const excess = ofBreaker(async (bench, profile) => {
  const { calls, admitted, refused } = await herd(bench, profile);
  if (admitted >= arrivals) return none('there are none: all are admitted');
  await bench.ended(calls, minuteMs);
  const later = bench.attempts.slice(admitted).map(({ startedAtMs }) => startedAtMs);
  const together = later.map((ms) => later.filter((at) => at >= ms && at <= ms + bench.tickMs).length);
  const most = Math.max(0, ...together);
  bench.steady(4 * workMs);
  if (most > trialsMax) return judged(false, `${most} start together after the trial`);
  if (refused >= arrivals - admitted) return judged(true, 'refused at once');
  return judged(true, `wait, and ${later.length > 0 ? 'start one by one' : 'end without an attempt'}`);
});

const next = 20;

/** Starts a call that the dependency answers late, and opens the circuit. Resolves with the attempt. */
async function straggle(bench: Bench, profile: Profile) {
  bench.show(silent, 'a call starts before the outage');
  const { attempts } = await bench.probe();
  await trip(bench, profile);
  return attempts[0];
}

const lateWhileOpen = ofBreaker(async (bench, profile) => {
  const straggler = await straggle(bench, profile);
  if (!straggler || straggler.endedAtMs !== undefined) return none('an old call times out before');
  bench.note('its answer arrives, while the circuit is open');
  bench.finish(straggler);
  await bench.wait(bench.tickMs);
  bench.answer = failing();
  const admitted = await bench.admitted(next);
  const closes = `closes it: ${admitted} of ${next} next calls reach the dead dependency`;
  return judged(admitted === 0, 'not while open', closes);
});

const lateDuringTrial = ofBreaker(async (bench, profile) => {
  const straggler = await straggle(bench, profile);
  await bench.wait(1.2 * profile.breaker!.openMs! + workMs);
  bench.answer = silent;
  const first = bench.burst(next);
  await bench.wait(bench.tickMs);
  if (first.every(({ attempts }) => attempts.length > 0)) return none('all are admitted during a trial');
  if (!straggler || straggler.endedAtMs !== undefined) return none('an old call times out before the trial');
  bench.note('its answer arrives, while a trial runs');
  bench.finish(straggler);
  await bench.wait(bench.tickMs);
  const before = bench.attempts.length;
  bench.burst(next);
  await bench.wait(bench.tickMs);
  const more = bench.attempts.length - before;
  const closes = `closes it during a trial: ${more} of ${next} next calls start`;
  return judged(more <= trialsMax, 'not while a trial runs', closes);
});

const stuckTrial = ofBreaker(async (bench, profile) => {
  await tripAndRest(bench, profile);
  bench.show(silent, 'the dependency never answers the trials');
  bench.burst(arrivals);
  await bench.wait(bench.tickMs);
  const trials = bench.attempts.length;
  if (trials === 0) return unknown('no trial was seen');
  if (trials >= arrivals) return none('all calls are trials');
  bench.answer = healthy(1);
  const startMs = bench.now();
  const admitted = await waitForAttempt(bench, 2 * hourMs);
  if (!admitted) return judged(false, 'others are refused for over two hours');
  // Two digits, since the time was found by tries.
  const waitMs = Number((admitted.startedAtMs - startMs).toPrecision(2));
  return judged(true, `others wait ${duration(waitMs)}`);
});

export const halfOpen = {
  trials: {
    title: 'Trial calls admitted, of 50 at once',
    safe: `At most ${trialsMax}`,
    scenarios: [trials],
  },
  excess: {
    title: 'Callers beyond the trial',
    safe: 'Refused, or started one by one',
    scenarios: [excess],
  },
  stragglers: {
    title: 'Success of a call from before the outage',
    safe: 'Does not close the circuit',
    scenarios: [lateWhileOpen, lateDuringTrial],
  },
  stuckTrial: {
    title: 'Trial call that never ends',
    safe: 'Others are refused for a limited time',
    scenarios: [stuckTrial],
  },
};
