import type { Clock } from '#kit/clock.ts';
import { recent } from '#policies/recent.ts';
import type { BreakerOptions } from './options.ts';

/** Result of a call. A call that times out can be both failed and slow. */
export type Result = Readonly<Record<'failed' | 'slow', boolean>>;
type Tally = Readonly<Record<'calls' | 'failures' | 'slow', number>>;

/** Function that adds a result, forgets old results, and returns the tally of the others. */
export type Window = (result: Result) => Tally;

export function createWindow(options: BreakerOptions['window'], clock: Clock): Window {
  if (options.kind === 'count') return countWindow(options.size);
  const results = recent(['calls', 'failures', 'slow'], options, clock);
  return ({ failed, slow }) => results({ calls: 1, failures: Number(failed), slow: Number(slow) });
}

function countWindow(size: number): Window {
  const failed = new Uint8Array(size);
  const slow = new Uint8Array(size);
  const tally = { calls: 0, failures: 0, slow: 0 };
  let at = 0;

  return (result) => {
    // An entry that was never written is 0, so replacing it is correct even before the window is full.
    tally.failures += Number(result.failed) - failed[at]!;
    tally.slow += Number(result.slow) - slow[at]!;
    tally.calls = Math.min(size, tally.calls + 1);
    failed[at] = Number(result.failed);
    slow[at] = Number(result.slow);
    at = (at + 1) % size;
    return tally;
  };
}

export function tooBad({ calls, failures, slow }: Tally, options: BreakerOptions): boolean {
  const { window, failures: failuresMax = Infinity, failureRatio = Infinity, slowRatio = Infinity } = options;
  const { minimumCalls = window.kind === 'count' ? window.size : 20 } = options;
  if (calls < minimumCalls) return false;
  return failures >= failuresMax || failures / calls >= failureRatio || slow / calls >= slowRatio;
}
