import { expect, test } from 'vitest';
import type { Frame } from '#lab/play/frame.ts';
import { advance, seek, speedFor } from '#lab/play/page/moment/player.ts';
import { readAt } from '#lab/play/page/moment/readings.ts';
import { noteOf, sentenceOf } from '#lab/play/page/moment/sentence.ts';

const frame = (atMs: number, counts: Partial<Frame> = {}): Frame => ({
  ...{ atMs, offered: 0, offeredPerSecond: 90, inTime: 0, late: 0, failed: 0, rejected: 0, dead: 0 },
  ...{ attempts: 0, inFlight: { first: 0, retry: 0, abandoned: 0 }, waiting: 0, faults: [] },
  ...counts,
});

const tries = { inFlight: { first: 10, retry: 20, abandoned: 970 } };
const down = [frame(0), frame(2000, { ...tries, offered: 180, failed: 150, attempts: 540 })];
const well = [frame(0), frame(2000, { offered: 180, inTime: 175, attempts: 180 })];

test('readAt has the share in time of the requests that ended, and attempts as first ones and retries', () => {
  expect(readAt([], 0)).toBeUndefined();
  expect(readAt(well, 0)).toMatchObject({ goodput: undefined, retryShare: 0 });
  expect(readAt(well, 2000)).toMatchObject({ goodput: 1, offeredPerSecond: 90, attemptsPerSecond: 90 });
  expect(readAt(down, 2000)).toMatchObject({ goodput: 0, attemptsPerSecond: 270, retryShare: 2 / 3 });
});

test('readAt has the most in flight of all frames, also of later ones', () => {
  expect(new Set([0, 2000].map((atMs) => readAt(down, atMs)!.most.inFlight)).size).toBe(1);
  expect(readAt(down, 0)!.inFlight).toBeLessThan(readAt(down, 0)!.most.inFlight);
});

test('readAt counts the share of the offered requests while they wait', () => {
  const waiting = [...well, frame(4000, { offered: 360, inTime: 177, attempts: 180 })];
  expect(readAt(waiting, 4000)?.goodput).toBeCloseTo(2 / 180);
});

const scene = { causes: [{ name: 'load ×3', fromMs: 3000, toMs: 6000 }], loadMs: 19_000 };
const said = (atMs: number, of = [readAt(down, 2000)!, readAt(well, 2000)!], shown = scene) =>
  sentenceOf(shown, of, atMs).replaceAll('\u00a0', ' ');

test('sentenceOf says what comes, what is, and for how long the cause has been over', () => {
  expect(said(0, [readAt(down, 0)!, readAt(well, 0)!])).toMatch(/^Both get the same requests/);
  expect(said(4000)).toBe('Load ×3, for 2 s more. A completes 0 %, B 100 %.');
  expect(said(14_000)).toBe(
    'The load has been back to normal for 8 s. A completes 0 %, B 100 %. No part is broken.',
  );
  expect(said(6500, undefined, { ...scene, loadMs: 6000 })).toMatch(/^The load has ended\. A completes 0 %/);
  const [isDown, isWell] = [readAt(down, 2000)!, readAt(well, 2000)!];
  expect(said(14_000, [isWell, isWell])).toMatch(/A completes 100 %, B 100 %\. Both are well\.$/);
  expect(said(4000, [isDown, { ...isDown, attemptsPerRequest: 1 }])).toBe(
    'Load ×3, for 2 s more. Both complete 0 %, with ×3.0 the load on the dependency in A, ×1.0 in B.',
  );
});

test('noteOf says for whom the dependency works', () => {
  expect(noteOf(readAt(down, 2000)!)).toEqual(['1,000 in flight', '97\u00a0% for callers that have left']);
  const queue = { waiting: 5, pastDeadline: 0, oldestMs: 1200 };
  expect(noteOf(readAt([frame(0, { queue })], 0)!)).toEqual([
    '5 in the queue',
    'the oldest 1.2\u00a0s, 0 in flight',
  ]);
});

test('advance stops at frames that have not arrived, and pauses at the end and after a gap', () => {
  const player = { atMs: 0, speed: 2, isPlaying: true };
  expect(advance(player, 100, 5000, 9000)).toEqual({ ...player, atMs: 200 });
  expect(advance(player, 100, 150, 9000)).toEqual({ ...player, atMs: 150 });
  expect(advance({ ...player, atMs: 8900 }, 100, 9000, 9000)).toMatchObject({ atMs: 9000, isPlaying: false });
  expect(advance(player, 9000, 5000, 9000)).toEqual({ ...player, atMs: 500 });
  expect(advance(player, 10_001, 5000, 9000)).toMatchObject({ atMs: 0, isPlaying: false });
});

test('seek stays within the timeline, and speedFor makes it last about ten seconds', () => {
  const player = { atMs: 0, speed: 2, isPlaying: false };
  expect([-1, 5, 10].map((atMs) => seek(player, atMs, 9).atMs)).toEqual([0, 5, 9]);
  expect([2320, 19_000, 120_000].map(speedFor)).toEqual([0.25, 2, 8]);
});
