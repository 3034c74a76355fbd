import { expect, test } from 'vitest';
import { type Probed, stallDoubt, unstalled } from '#lab/runner/capacity/unstalled.ts';

const machine = { cpus: 2, loadAverage: 0.1 };

/** A probe of 100 counted requests that missed some, with a stall that affected some. */
const probed = (missed: number, affected: number, cause: 'stopped' | 'saturated' = 'stopped'): Probed => ({
  missed: { timeout: missed / 100, failed: 0, unsent: 0 },
  counted: 100,
  stalls: [{ process: 'downstream', fromMs: 0, untilMs: 300, cpuMs: 0, cause, requests: affected }],
});

test.each([
  [5, 0, true],
  [5, 1, false],
  [2, 3, true],
  [2, 4, false],
  [6, 0, true],
  [6, 1, false],
  [9, 3, true],
  [9, 4, false],
])(
  'stallDoubt of a probe that missed %d %%, of which a stall affected %d %%: none, %s',
  (missed, affected, ok) => {
    const doubt = stallDoubt(probed(missed, affected), machine);
    expect(doubt === undefined).toBe(ok);
    if (doubt) expect(doubt).toMatchObject({ ok: false, variant: 'capacity', measured: affected });
  },
);

test('stallDoubt has none of a service that was saturated, since that is its capacity', () => {
  expect(stallDoubt(probed(5, 50, 'saturated'), machine)).toBeUndefined();
});

test.each([
  ['at once', [probed(5, 0), probed(6, 0)], 1],
  ['the second time', [probed(5, 9), probed(6, 0), probed(5, 0)], 2],
  ['never', Array.from({ length: 9 }, () => probed(5, 9)), 3],
] as const)(
  'unstalled repeats a probe that a stall may decide, at most twice: decided %s',
  async (_when, probes, count) => {
    let made = 0;
    const last = await unstalled(async () => probes[made++]!, machine);
    expect([made, last]).toEqual([count, probes[count - 1]]);
  },
);
