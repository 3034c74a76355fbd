import type { Window } from './window.ts';

/** Remembers the last `size` results. */
export function countWindow(size: number): Window {
  const failed = new Uint8Array(size);
  const slow = new Uint8Array(size);
  const tally = { calls: 0, failures: 0, slow: 0 };
  let at = 0;

  return (result) => {
    // What was never written is 0, so a place is replaced the same way before the window is full.
    tally.failures += Number(result.failed) - failed[at]!;
    tally.slow += Number(result.slow) - slow[at]!;
    tally.calls = Math.min(size, tally.calls + 1);
    failed[at] = Number(result.failed);
    slow[at] = Number(result.slow);
    at = (at + 1) % size;
    return tally;
  };
}
