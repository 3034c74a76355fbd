import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { analyseVariant } from '#lab/analysis/analyse.ts';
import type { Machine } from '#lab/analysis/validity/slow-machine.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import type { ValidityCheck } from '#lab/result/result.ts';
import { type Bench, foreignOn } from '#lab/runner/bench.ts';
import { observeUntilDeath } from '#lab/runner/supervise.ts';
import { countedIn, keptUp, type Missed, missedIn, probeName, probeOf } from './probe.ts';
import { type Bracket, highestRate } from './search.ts';
import { stallDoubt, unstalled } from './unstalled.ts';

/** How far the bounds may be from each other: 4 %. */
const precision = 1.04;

/** One rate that was tried. */
export interface Probe {
  /** Attempts per second. */
  readonly rate: number;
  readonly keptUp: boolean;
  readonly missed: Missed;
}

export interface Capacity extends Bracket {
  /** In attempts per second: between the bounds. */
  readonly perSecond: number;
  /** What was off in the measurement of it. */
  readonly doubts: readonly ValidityCheck[];
}

/**
 * Measures the capacity of an experiment's dependency under a timeout, x_T: the highest rate of attempts, each made
 * once, of which no more than 5 % run into it or fail by the load; by phenomena such as (1 − b/T)/a where latency is b + a·(in flight).
 * Rejects with TestbedError where there is none to be found.
 */
export async function measureCapacity(
  bench: Bench,
  { timeoutMs, expected }: { readonly timeoutMs: number; readonly expected: number },
  machine: Machine,
  onProbe: (probe: Probe) => void,
): Promise<Capacity> {
  const doubts: ValidityCheck[] = [];
  let count = 0;
  const probeAt = async (rate: number) => {
    const experiment = probeOf(bench.experiment, timeoutMs, rate);
    const folder = join(bench.folder, 'capacity', String(++count));
    mkdirSync(folder, { recursive: true });
    await observeUntilDeath({ ...bench, experiment, onProgress() {} }, probeName, folder);
    const { slowMotion } = bench;
    const source = { folder, name: probeName, foreign: foreignOn(bench), slowMotion };
    const { result, validity } = await analyseVariant(experiment, source, machine);
    return {
      missed: missedIn(result, experiment.downstream.model.failureRatio),
      counted: countedIn(result).offered,
      stalls: result.stalls ?? [],
      doubts: doubtsIn(validity),
    };
  };
  const holds = async (rate: number): Promise<boolean> => {
    const probed = await unstalled(() => probeAt(rate), machine);
    const stalled = stallDoubt(probed, machine);
    doubts.push(...probed.doubts, ...(stalled ? [stalled] : []));
    const { missed } = probed;
    const probe = { rate, keptUp: keptUp(missed), missed };
    onProbe(probe);
    return probe.keptUp;
  };
  const { low, high } = await highestRate(expected, precision, holds).catch((error: unknown) => {
    if (!(error instanceof RangeError)) throw error;
    const message = `the capacity under a timeout of ${timeoutMs} ms could not be measured: ${error.message}`;
    throw new TestbedError('no-capacity', message, { cause: error });
  });
  return { low, high, perSecond: Math.sqrt(low * high), doubts: worst(doubts) };
}

const doubtsIn = (checks: readonly ValidityCheck[]): ValidityCheck[] =>
  checks.filter(({ ok }) => !ok).map((check) => ({ ...check, variant: 'capacity' }));

/** One of each name. */
function worst(checks: readonly ValidityCheck[]): ValidityCheck[] {
  const excess = ({ measured, limit }: ValidityCheck) => measured - limit;
  const byName = Map.groupBy(checks, ({ name }) => name).values();
  return [...byName].map((same) => same.toSorted((a, b) => excess(b) - excess(a))[0]!);
}
