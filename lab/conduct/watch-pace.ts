import type { Distribution } from '#kit/counters.ts';
import { buckets } from '#kit/metrics.ts';
import { deltas } from '#lab/evidence/counter-deltas.ts';
import { Requests } from '#lab/evidence/requests.ts';
import type { Samples } from '#lab/evidence/samples.ts';
import { bucketsOf, noPercentiles, percentilesOf } from '#lab/judge/figures/figures.ts';
import { stallResults } from '#lab/judge/figures/stalls.ts';
import { secondsScaled } from '#lab/judge/observation/read-observation.ts';
import { isDecisive } from '#lab/judge/result/facts.ts';
import { limitsOf, stallMsOf } from '#lab/judge/validity/limits.ts';
import { isOfPace, timing } from '#lab/judge/validity/validity.ts';
import { duration } from '#lab/kit/text/format.ts';
import type { StallReader } from './stall-reader.ts';
import type { VariantTestbed } from './variant-testbed.ts';

/** Times after the start of the load at which its pace is judged, in real time. */
const looksMs = [1000, 2500, 5000];
/** Maximum share of a limit that is used by then. The rest is a margin for what follows. */
const limitRatioMax = 0.8;

/** Reason why a variant has to be conducted again, slower. */
export class TooFastError extends Error {
  override readonly name = 'TooFastError';
}

export type PaceWatch = ReturnType<typeof watchPace>;

/** Ends the load of a trial if its first seconds, up to its first fault, exceed a limit of its pace. */
export function watchPace(
  { experiment, slowMotion, controls, generator, machine, isTrial }: VariantTestbed,
  name: string,
) {
  const untilMs = slowMotion * Math.min(...experiment.faults.map(({ atMs }) => atMs));
  const looks = isTrial ? looksMs.filter((ms) => ms < untilMs) : [];
  let began: { atMs: number; stalls: StallReader; sleeps: Promise<Samples> } | undefined;
  let tooFast: TooFastError | undefined;
  let isOver = looks.length === 0;
  const readSleeps = () =>
    controls.downstream.scrape(['spillway_sleep_excess_seconds', 'spillway_modelled_sleep_seconds_total']);
  const own = (ms: number) => ms / slowMotion;

  async function look(elapsedMs: number, lags: Distribution): Promise<void> {
    if (!began || isOver) return;
    const downstream = secondsScaled(deltas([await began.sleeps, await readSleeps()]), slowMotion);
    const excess = bucketsOf(downstream, 'spillway_sleep_excess_seconds');
    const self = { lag: percentilesIn(lags, own), sleepExcess: excess ? percentilesOf(excess) : null };
    const delays = timing(experiment, { self, faults: [] }, downstream, machine)
      .filter(({ measured, limit = 0, ...check }) => isOfPace(check) && measured > limitRatioMax * limit)
      .map(({ finding }) => finding);
    const [reason] = [...delays, ...(await stallsUntil(elapsedMs, began.atMs, began.stalls))];
    if (isOver || reason === undefined) return;
    isOver = true;
    tooFast = new TooFastError(`${duration(elapsedMs)} after the start of ${name}, ${reason}`);
    generator.cancel();
  }

  /** Describes the stalls of services and broker that may change a verdict. */
  async function stallsUntil(elapsedMs: number, atMs: number, reader: StallReader): Promise<string[]> {
    const { all } = await reader.read({ startedAtMs: atMs, stalled: { stalls: [], complete: true } });
    const inOwnTime = all.map((each) => ({
      ...each,
      ...{ fromMs: own(each.fromMs), untilMs: own(each.untilMs), cpuMs: own(each.cpuMs) },
    }));
    const observed = {
      stalls: { all: inOwnTime, incomplete: [] },
      ...{ summary: { startedAtMs: own(atMs) }, durationMs: own(elapsedMs), slowMotion },
      ...{ requests: new Requests(0), injected: [] },
    };
    const stalls = stallResults(observed, experiment.variants[name]!.path, limitsOf(experiment));
    return stalls.filter(isDecisive).flatMap(({ process, fromMs, untilMs }) => {
      const ms = untilMs - fromMs;
      return ms < stallMsOf(experiment, name) ? [] : `${process} stood still for ${duration(ms)}`;
    });
  }

  return {
    started(atMs: number, stalls: StallReader): void {
      if (!isOver) began = { atMs, stalls, sleeps: readSleeps() };
    },
    progress(elapsedMs: number, lags: Distribution): void {
      if (isOver || !(elapsedMs >= looks[0]!)) return;
      looks.shift();
      look(elapsedMs, lags).catch(() => undefined); // validity decides in the end
    },
    /** Ends the watch. Throws TooFastError if it has ended the load. */
    end(): void {
      isOver = true;
      if (tooFast) throw tooFast;
    },
  };
}

/** Returns the percentiles of values in seconds. `own` converts a time to the experiment's own. */
function percentilesIn({ counts, count, sum }: Distribution, own: (time: number) => number) {
  if (count === 0) return noPercentiles;
  let upTo = 0;
  const cumulated = counts.map((each) => {
    upTo += each;
    return upTo;
  });
  return percentilesOf({
    bounds: [...buckets.map(own), Infinity],
    counts: [...cumulated, count],
    sum: own(sum),
  });
}
