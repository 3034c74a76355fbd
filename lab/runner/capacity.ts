import { join } from 'node:path';
import { describeStalls } from '#lab/analysis/figures/stall-text.ts';
import { adviceOnSlowness, type Machine } from '#lab/analysis/validity/slow-machine.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Capacity } from '#lab/result/conditions.ts';
import { isDecisive, stallCheck } from '#lab/result/facts.ts';
import type { StallResult, ValidityCheck, VariantResult } from '#lab/result/result.ts';
import { plural } from '#lab/text/format.ts';
import type { OpenTestbed } from './open-testbed.ts';
import { type Probe, probeExperiment } from './probe.ts';

/** Bounds of the highest rate at which a condition holds. The condition held at `low`, but not at `high`. */
export interface Bracket {
  readonly low: number;
  readonly high: number;
}

/** Result of trying a rate. */
export interface CapacityProbe {
  /** Attempts per second. */
  readonly rate: number;
  readonly keptUp: boolean;
  readonly missed: Missed;
}

/** Experiment whose dependency can be probed. */
export interface Measurable extends Pick<OpenTestbed, 'experiment' | 'machine' | 'folder'> {
  readonly probe: Probe;
}

/** Maximum ratio of the bounds, so that they are at most 4 % apart. */
const precision = 1.04;

/**
 * Measures the capacity of an experiment's dependency under a timeout T. The capacity is the highest rate of single
 * attempts at which at most 5 % time out or fail because of the load. With a latency of b + a·(in flight), theory gives
 * (1 − b/T)/a. Resolves with the bounds, their geometric mean, and the validity checks that failed during the
 * measurement. Rejects with TestbedError if no rates that bracket the capacity are found.
 */
export async function measureCapacity(
  open: Measurable,
  { timeoutMs, nominalPerSecond }: Pick<Capacity, 'timeoutMs' | 'nominalPerSecond'>,
  onProbe: (probe: CapacityProbe) => void,
) {
  const { machine } = open;
  const doubts: ValidityCheck[] = [];
  let count = 0;
  const probeAt = async (rate: number) => {
    const experiment = probeOf(open.experiment, timeoutMs, rate);
    const folder = join(open.folder, 'capacity', String(++count));
    const { result, validity } = await open.probe(experiment, folder);
    return {
      missed: missedIn(result, experiment.downstream.model.failureRatio),
      counted: countedIn(result).offered,
      stalls: result.stalls ?? [],
      doubts: validity.filter(({ ok }) => !ok).map((check) => ({ ...check, variant: 'capacity' })),
    };
  };
  const holds = async (rate: number): Promise<boolean> => {
    const probed = await unstalled(() => probeAt(rate), machine);
    const stalled = stallDoubt(probed, machine);
    doubts.push(...probed.doubts, ...(stalled ? [stalled] : []));
    const { missed } = probed;
    onProbe({ rate, keptUp: keptUp(missed), missed });
    return keptUp(missed);
  };
  const { low, high } = await highestRate(nominalPerSecond, precision, holds).catch((error: unknown) => {
    if (!(error instanceof RangeError)) throw error;
    const message = `the capacity under a timeout of ${timeoutMs} ms could not be measured: ${error.message}`;
    throw new TestbedError('no-capacity', message, { cause: error });
  });
  return { low, high, perSecond: Math.sqrt(low * high), doubts: worst(doubts) };
}

/** Returns one check for each name: the check that exceeds its limit the most. */
function worst(checks: readonly ValidityCheck[]): ValidityCheck[] {
  const excess = ({ measured, limit }: ValidityCheck) => measured - limit;
  const byName = Map.groupBy(checks, ({ name }) => name).values();
  return [...byName].map((same) => same.toSorted((a, b) => excess(b) - excess(a))[0]!);
}

/** Largest factor by which a tried rate may differ from the expected rate. */
const farthest = 300;

/**
 * Brackets the highest rate for which `holds` resolves with true. The bounds have a ratio of at most `precision`. Tries
 * `expected` first. Then tries rates that differ from it by 10 %, 21 %, 46 %, 114 % …, each by at most a factor of 4
 * from the last rate. Rejects with RangeError if rates within a factor of 300 don't bracket it.
 */
export async function highestRate(
  expected: number,
  precision: number,
  holds: (rate: number) => Promise<boolean>,
): Promise<Bracket> {
  let { low, high } = await around(expected, holds);
  while (high / low > precision) {
    const middle = Math.sqrt(low * high);
    if (await holds(middle)) low = middle;
    else high = middle;
  }
  return { low, high };
}

async function around(expected: number, holds: (rate: number) => Promise<boolean>): Promise<Bracket> {
  let last = expected;
  const isUp = await holds(expected);
  for (let factor = 1.1; factor < farthest; factor *= Math.min(factor, 4)) {
    const rate = isUp ? expected * factor : expected / factor;
    if ((await holds(rate)) !== isUp) return isUp ? { low: last, high: rate } : { low: rate, high: last };
    last = rate;
  }
  throw new RangeError(
    isUp
      ? `it holds up to ${last.toFixed(0)} a second, the highest rate tried`
      : `it does not hold even at ${last.toPrecision(2)} a second, the lowest rate tried`,
  );
}

/**
 * Length of a probe's phases, as a multiple of the timeout. `settling` is long, since near the limit the number of
 * requests in flight grows slowly.
 */
const timeouts = { settling: 12, counted: 8 };
const phaseMsMin = 500;

/** Returns an experiment that makes single attempts at a constant rate, with the timeout as its only policy. */
export function probeOf(experiment: Experiment, timeoutMs: number, ratePerSecond: number): Experiment {
  const phase = (name: 'settling' | 'counted') => {
    const forMs = Math.max(phaseMsMin, timeouts[name] * timeoutMs);
    return { name, arrivals: { kind: 'constant' as const, ratePerSecond, forMs } };
  };
  return probeExperiment(experiment, {
    deadlineMs: timeoutMs,
    load: [phase('settling'), phase('counted')],
    variants: { probe: { path: 'rpc', description: '', policies: [{ timeout: { ms: timeoutMs } }] } },
  });
}

/** Maximum share of attempts that time out, fail because of the load, or find no free connection. */
const missedShare = 0.05;

/** Shares of a probe's attempts that did not complete because of its load. */
export interface Missed {
  readonly timeout: number;
  readonly failed: number;
  readonly unsent: number;
}

/**
 * Returns the missed shares in the phase `counted`. Subtracts the failures that are expected at any load:
 * `failureRatio` of the attempts, plus two standard errors.
 */
export function missedIn(result: VariantResult, failureRatio: number): Missed {
  const { offered, outcomes } = countedIn(result);
  const own = offered * failureRatio + 2 * Math.sqrt(offered * failureRatio * (1 - failureRatio));
  const part = (count: number) => count / Math.max(1, offered);
  return {
    timeout: part(outcomes.timeout),
    failed: part(Math.max(0, outcomes.failed - own)),
    unsent: part(outcomes.unsent),
  };
}

function countedIn({ windows = [] }: VariantResult) {
  const counted = windows.find(({ name }) => name === 'phase counted');
  if (!counted) throw new Error('a probe has a phase that counts');
  return counted;
}

/** True if the dependency kept up. Unsent attempts count as missed, since the generator can't offer a higher rate. */
export const keptUp = ({ timeout, failed, unsent }: Missed): boolean =>
  timeout + failed + unsent <= missedShare;

/** Missed shares of a probe, and the stalls in it. */
export interface Probed {
  readonly missed: Missed;
  /** Number of requests in the phase `counted`. */
  readonly counted: number;
  readonly stalls: readonly StallResult[];
}

const triesMax = 3;

/** Runs a probe up to three times, until no stall could change its verdict. Resolves with the last probe. */
export async function unstalled<P extends Probed>(probe: () => Promise<P>, machine: Machine): Promise<P> {
  for (let tries = 1; ; tries++) {
    const probed = await probe();
    if (tries === triesMax || !stallDoubt(probed, machine)) return probed;
  }
}

/** Returns a failed check if the probe's verdict depends on requests that stalls affected. */
export function stallDoubt({ missed, counted, stalls }: Probed, machine: Machine): ValidityCheck | undefined {
  const decisive = stalls.filter(isDecisive);
  const affected = decisive.reduce((sum, { requests }) => sum + requests, 0);
  const share = affected / Math.max(1, counted);
  const { timeout } = missed;
  const moved = keptUp(missed) ? timeout + share : timeout - share;
  if (keptUp({ ...missed, timeout: moved }) === keptUp(missed)) return undefined;
  return {
    name: stallCheck,
    variant: 'capacity',
    ok: false,
    measured: affected,
    limit: 0,
    unit: 'requests',
    finding: `${describeStalls(decisive, machine.slowMotion?.factor).join('; ')}, in each of ${plural(triesMax, 'probe')} at the same rate`,
    meaning: 'So the stall may have determined the capacity, and with it each rate.',
    remedy: adviceOnSlowness(machine),
  };
}
