import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { timeLeftBy } from '#lab/cli/time-left.ts';
import type { VariantProgress } from '#lab/runner/run.ts';

const variant = { variant: 'a', index: 0, of: 3, loadMs: 8000, deadlineMs: 2000 };

/** Returns a clock, and functions that estimate the seconds left. */
function rig() {
  const clock = new VirtualClock();
  const timeLeft = timeLeftBy(clock);
  return {
    clock,
    secondsLeft: (stage: VariantProgress['stage'], progress: Partial<VariantProgress> = {}) =>
      timeLeft({ ...variant, stage, ...progress }).ms / 1000,
    isLeast: (stage: VariantProgress['stage'], progress: Partial<VariantProgress> = {}) =>
      timeLeft({ ...variant, stage, ...progress }).isLeast,
    /** Conducts a variant with these times before and after its load. */
    async conduct(beforeMs: number, afterMs: number, progress: Partial<VariantProgress> = {}) {
      const report = (stage: VariantProgress['stage'], elapsedMs = 0) =>
        timeLeft({ ...variant, ...progress, stage, elapsedMs }).ms / 1000;
      report('warm-up');
      await clock.advance(beforeMs);
      report('run');
      await clock.advance(variant.loadMs + afterMs);
      return report('complete');
    },
  };
}

test('timeLeftBy expects load and deadline of each variant before the first is complete', async () => {
  const { clock, secondsLeft } = rig();
  expect(secondsLeft('warm-up')).toBe(30);
  await clock.advance(4000);
  expect(secondsLeft('warm-up')).toBe(30);
  expect(secondsLeft('run')).toBe(30);
  await clock.advance(1500);
  expect(secondsLeft('run', { elapsedMs: 1500 })).toBe(28.5);
  await clock.advance(9500);
  expect(secondsLeft('run', { elapsedMs: 11_000 })).toBe(20);
});

test('timeLeftBy continues a drain at its rate so far, within its limit', async () => {
  const { clock, secondsLeft } = rig();
  const drain = (elapsedMs: number, attempts?: number) =>
    secondsLeft('drain', {
      ...{ index: 2, elapsedMs, maxMs: 40_000 },
      ...(attempts !== undefined && { atWork: { calls: attempts - 1, attempts } }),
    });
  secondsLeft('run');
  await clock.advance(9000);
  expect(drain(0)).toBe(1);
  expect(drain(1000, 3000)).toBe(1);
  expect(drain(4000, 2700)).toBe(27);
  expect(drain(16_000, 1500)).toBe(15);
  expect(drain(16_000, 2999)).toBe(24);
});

test('timeLeftBy takes the times beside the load from complete variants, a single long drain excluded', async () => {
  const { conduct } = rig();
  expect(await conduct(3000, 30_000)).toBe(2 * (0 + 8 + 2));
  expect(await conduct(1000, 500, { index: 1 })).toBe(1 + 8 + 2);
  expect(await conduct(1000, 500, { index: 2 })).toBe(0);
});

test('timeLeftBy takes the mean of all variants for the rounds after the first', async () => {
  const { conduct } = rig();
  const round = { seed: 1, index: 0, of: 3 };
  await conduct(3000, 30_000, { round });
  await conduct(0, 0, { round, index: 1 });
  expect(await conduct(0, 0, { round, index: 2 })).toBe(6 * (1 + 8 + 10));
});

test('timeLeftBy counts the time between variants as time before the next load', async () => {
  const { clock, conduct } = rig();
  await conduct(0, 2000);
  await clock.advance(4000);
  await conduct(1000, 2000, { index: 1 });
  await clock.advance(6000);
  expect(await conduct(0, 2000, { index: 2, round: { seed: 1, index: 0, of: 2 } })).toBeCloseTo(
    3 * (11 / 3 + 8 + 2),
  );
});

test('timeLeftBy gives a lower bound until all variants were seen, or the rate of the last drain is known', async () => {
  const { isLeast, conduct } = rig();
  const round = { seed: 1, index: 0, of: 2 };
  const drain = (index: number, elapsedMs: number, attempts: number) =>
    isLeast('drain', { round, index, elapsedMs, maxMs: 40_000, atWork: { calls: 0, attempts } });
  expect([isLeast('warm-up'), isLeast('run'), drain(0, 0, 90), drain(0, 500, 80)]).not.toContain(false);
  await conduct(0, 900, { round });
  await conduct(0, 900, { round, index: 1 });
  expect([drain(2, 0, 90), drain(2, 500, 80)]).toEqual([true, true]);
  await conduct(0, 900, { round, index: 2 });
  expect(isLeast('run', { round: { ...round, index: 1 } })).toBe(false);

  const only = rig();
  const last = (elapsedMs: number, attempts: number) =>
    only.isLeast('drain', { of: 1, elapsedMs, maxMs: 40_000, atWork: { calls: 0, attempts } });
  expect([only.isLeast('run', { of: 1 }), last(0, 90), last(500, 80)]).toEqual([true, true, false]);
});
