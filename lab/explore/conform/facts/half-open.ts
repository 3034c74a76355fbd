import { duration } from '#lab/experiment/text/format.ts';
import type { Bench } from '#lab/explore/conform/bench.ts';
import {
  admittedOf,
  callAtOnce,
  failing,
  healthy,
  hourMs,
  type Profile,
  probe,
  silent,
  trip,
  tripAndRest,
  waitForAttempt,
  workMs,
} from '#lab/explore/conform/probes.ts';
import { type Fact, judged, none, type Observed, type Scenario } from './fact.ts';

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

/** Lets 50 calls arrive when a trial is due. Resolves while the trial runs. */
async function herd(bench: Bench, profile: Profile) {
  await tripAndRest(bench, profile);
  bench.answer = healthy(workMs);
  bench.show(`${arrivals} calls arrive after the open time`);
  const calls = callAtOnce(bench, arrivals);
  await bench.wait(workMs / 2);
  return { calls, admitted: bench.shownAttempts.length };
}

export const trials: Fact = {
  title: 'Trial calls admitted, of 50 at once',
  safe: `At most ${trialsMax}`,
  scenarios: [
    ofBreaker(async (bench, profile) => {
      const { admitted } = await herd(bench, profile);
      await bench.wait(workMs);
      return judged(admitted <= trialsMax, `${admitted} of ${arrivals}`);
    }),
  ],
};

export const excess: Fact = {
  title: 'Callers beyond the trial',
  safe: 'Refused, or started one by one',
  scenarios: [
    ofBreaker(async (bench, profile) => {
      const { calls, admitted } = await herd(bench, profile);
      if (admitted >= arrivals) return none('there are none: all are admitted');
      const refused = calls.filter(({ isOk, attempts }) => isOk === false && attempts.length === 0).length;
      await bench.ended(calls, bench.isVirtual ? 60_000 : 5000);
      const later = bench.shownAttempts.slice(admitted);
      const together = Math.max(
        0,
        ...later.map(
          ({ startedAtMs: ms }) =>
            later.filter(({ startedAtMs }) => startedAtMs >= ms && startedAtMs <= ms + bench.tickMs).length,
        ),
      );
      if (together > trialsMax) return judged(false, `${together} start together after the trial`);
      if (refused >= arrivals - admitted) return judged(true, 'refused at once');
      return judged(
        true,
        later.length > 0 ? 'wait, and start one by one' : 'wait, and end without an attempt',
      );
    }),
  ],
};

const next = 20;

/** Starts a call that the dependency answers late. */
async function straggle(bench: Bench) {
  bench.answer = silent;
  bench.show('a call starts before the outage');
  const { attempts } = await probe(bench);
  return attempts[0];
}

const lateSuccess: Scenario = async (bench, profile) => {
  const straggler = await straggle(bench);
  await tripButOne(bench, profile);
  if (!straggler || straggler.endedAtMs !== undefined) return none('an old call times out before');
  bench.note('its answer arrives, while the circuit is open');
  straggler.finish({ status: 200 });
  await bench.wait(bench.tickMs);
  bench.answer = failing(bench);
  const admitted = await admittedOf(bench, next);
  return judged(
    admitted === 0,
    admitted === 0
      ? 'not while open'
      : `closes it: ${admitted} of ${next} next calls reach the dead dependency`,
  );
};

const lateDuringTrial: Scenario = async (bench, profile) => {
  const straggler = await straggle(bench);
  await tripButOne(bench, profile);
  await bench.wait(1.2 * profile.breaker!.openMs! + workMs);
  bench.answer = silent;
  const first = callAtOnce(bench, next);
  await bench.wait(bench.tickMs);
  const admitted = first.filter(({ attempts }) => attempts.length > 0).length;
  if (admitted === next) return none('all are admitted during a trial');
  if (!straggler || straggler.endedAtMs !== undefined) return none('an old call times out before the trial');
  bench.note('its answer arrives, while a trial runs');
  straggler.finish({ status: 200 });
  await bench.wait(bench.tickMs);
  const before = bench.attempts.length;
  callAtOnce(bench, next);
  await bench.wait(bench.tickMs);
  const more = bench.attempts.length - before;
  return judged(
    more <= trialsMax,
    more <= trialsMax
      ? 'not while a trial runs'
      : `closes it during a trial: ${more} of ${next} next calls start`,
  );
};

/** Opens the circuit, and lets the calls from before go on. */
async function tripButOne(bench: Bench, profile: Profile): Promise<void> {
  const [old] = bench.calls;
  const { cancel } = old!;
  Object.assign(old!, { cancel: () => undefined });
  await trip(bench, profile);
  Object.assign(old!, { cancel });
}

export const stragglers: Fact = {
  title: 'Success of a call from before the outage',
  safe: 'Does not close the circuit',
  scenarios: [ofBreaker(lateSuccess), ofBreaker(lateDuringTrial)],
};

export const stuckTrial: Fact = {
  title: 'Trial call that never ends',
  safe: 'Others are refused for a limited time',
  scenarios: [
    ofBreaker(async (bench, profile): Promise<Observed> => {
      await tripAndRest(bench, profile);
      bench.answer = silent;
      bench.show('the dependency never answers the trials');
      callAtOnce(bench, arrivals);
      await bench.wait(bench.tickMs);
      const trials = bench.shownAttempts.length;
      if (trials === 0) return { verdict: 'unknown', text: 'no trial was seen' };
      if (trials >= arrivals) return none('all calls are trials');
      bench.answer = healthy(1);
      const startMs = bench.now();
      const admitted = await waitForAttempt(bench, bench.isVirtual ? 2 * hourMs : 20_000);
      if (!admitted && !bench.isVirtual)
        return { verdict: 'unknown', text: 'others are refused for over 20 s' };
      if (!admitted) return judged(false, 'others are refused for over two hours');
      return judged(true, `others wait ${duration(round(admitted.startedAtMs - startMs))}`);
    }),
  ],
};

/** Rounds a time to two digits, since it was found by tries. */
const round = (ms: number): number => Number(ms.toPrecision(2));
