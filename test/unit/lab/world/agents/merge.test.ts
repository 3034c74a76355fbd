import { describe, expect, test } from 'vitest';
import { emptyDistribution } from '#kit/counters.ts';
import { buckets } from '#kit/metrics.ts';
import { MergedProgress, mergeCounts, mergeStalls } from '#lab/world/agents/merge.ts';
import type { Progress } from '#load/protocol.ts';

const latencies = { counts: emptyDistribution(buckets).counts.fill(2, 0, 1), sum: 0.25, count: 3 };

const counts = (elapsedMs: number, offered: number, outcomes: Progress['outcomes'] = {}): Progress => ({
  elapsedMs,
  offered,
  inFlight: 1,
  outcomes,
  latencies,
});

test('mergeCounts adds up latencies, and the requests by outcome, and leaves out outcomes that never happened', () => {
  const parts = [counts(10, 3, { ok: 2, late: 0 }), counts(12, 4, { ok: 1, failed: 2 })];
  expect(mergeCounts(parts, 10)).toEqual({
    elapsedMs: 10,
    offered: 7,
    inFlight: 2,
    outcomes: { ok: 3, failed: 2 },
    latencies: { counts: [4, ...latencies.counts.slice(1)], sum: 0.5, count: 6 },
  });
});

describe('mergeStalls', () => {
  const stall = (fromMs: number, untilMs: number, cpuMs = 0) => ({ fromMs, untilMs, cpuMs });

  test('merges stalls that overlap, and keeps the others apart', () => {
    const parts = [
      { stalls: [stall(0, 100, 5), stall(300, 400)], complete: true },
      { stalls: [stall(50, 150, 8), stall(150, 200)], complete: true },
    ];
    expect(mergeStalls(parts)).toEqual({
      stalls: [stall(0, 150, 8), stall(150, 200), stall(300, 400)],
      complete: true,
    });
  });

  test('is incomplete if the list of one agent is', () => {
    const parts = [true, false].map((complete) => ({ stalls: [], complete }));
    expect(mergeStalls(parts).complete).toBe(false);
  });
});

describe('MergedProgress', () => {
  test('reports when each running agent has reported again, with the least of their times', () => {
    const progress = new MergedProgress(2);
    expect(progress.add(0, counts(250, 5))).toBeUndefined();
    expect(progress.add(0, counts(500, 9))).toBeUndefined();
    expect(progress.add(1, counts(260, 6))).toMatchObject({ elapsedMs: 260, offered: 15 });
    expect(progress.add(1, counts(510, 10))).toBeUndefined();
  });

  test('does not wait for an agent that has ended, and keeps its counts', () => {
    const progress = new MergedProgress(2);
    progress.end(0, counts(100, 5));
    expect(progress.add(1, counts(250, 6))).toMatchObject({ elapsedMs: 250, offered: 11 });
  });

  test('the record is complete until the least time of all agents that have not ended', () => {
    const progress = new MergedProgress(3);
    expect(progress.recorded(0, 500)).toBe(0);
    expect(progress.recorded(1, 250)).toBe(0);
    expect(progress.recorded(2, 750)).toBe(250);
    progress.end(1, counts(300, 5));
    expect(progress.recorded(2, 1000)).toBe(500);
  });
});
