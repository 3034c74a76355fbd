import { expect, test } from 'vitest';
import { recovery } from '#lab/report/conclusion/recovery.ts';
import type { Recovery } from '#lab/result/result.ts';
import { recovered } from '#test/fixtures/measured.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';
import { said } from '#test/fixtures/said.ts';

const whole = makeResult({ variants: 5 });
const names = whole.variants.map(({ name }) => name);
const never = { ...recovered, timeMs: null, atLeastMs: 8000 };

/** Returns a result of at least three variants. The first variants have these recoveries after the phase `spike`. */
const recovering = (...recoveries: Recovery[]) =>
  recoveries.reduce(
    (result, each, i) =>
      alter(result, names[i]!, {
        windows: [{ ...whole.variants[0]!, name: 'after phase spike', span: null, recovery: each }],
      }),
    makeResult({ variants: Math.max(3, recoveries.length) }),
  );

test('recovery names who recovers after how long, and who does not', () => {
  const result = recovering({ ...recovered, timeMs: 1500 }, recovered, never);
  expect(said(recovery, result)).toEqual([
    'bad: 1 of 3 does not recover',
    `After phase spike: ${names[0]} recovers after 1.5 s, ${names[1]} after 3 s; ${names[2]} does not recover within 8 s.`,
  ]);
});

test('recovery of all variants is good, and says whether it was at once', () => {
  const atOnce = { ...recovered, timeMs: 0 };
  expect(said(recovery, recovering(atOnce, atOnce))).toEqual([
    'good: Every variant recovers',
    `After phase spike: ${names[0]} and ${names[1]} recover at once.`,
  ]);
  expect(said(recovery, recovering(recovered, atOnce))[1]).toBe(
    `After phase spike: ${names[1]} recovers at once, ${names[0]} after 3 s.`,
  );
});

test('recovery gives up to four times each, and of more the shortest and the longest', () => {
  const after = (...timesMs: number[]) => recovering(...timesMs.map((timeMs) => ({ ...recovered, timeMs })));
  const four = said(recovery, after(4000, 1000, 2000, 3000))[1];
  expect(four).toBe(
    `After phase spike: ${names[1]} recovers after 1 s, ${names[2]} after 2 s, ${names[3]} after 3 s, ${names[0]} after 4 s.`,
  );
  const five = said(recovery, after(4000, 1000, 2000, 3000, 5000))[1];
  expect(five).toBe(
    `After phase spike: ${names[1]} recovers after 1 s, 3 others in between, ${names[4]} after 5 s.`,
  );
});

test('recovery names how long each was watched that did not recover', () => {
  expect(said(recovery, recovering(never, { ...never, atLeastMs: 5000 }))[1]).toBe(
    `After phase spike: ${names[1]} does not recover within 5 s, ${names[0]} within 8 s.`,
  );
});

test('recovery of every variant is claimed only if all were watched for long enough', () => {
  expect(said(recovery, recovering(recovered, { ...never, reported: false }))).toEqual([
    'note: 1 of 2 recover',
    `After phase spike: ${names[0]} recovers after 3 s.`,
    `${names[1]} was not watched for long enough.`,
  ]);
});

test('recovery leaves out one that a later fault cut short', () => {
  const took = { fromMs: 9000, untilMs: 9500 };
  const fault = { name: 'next', target: 'gateway', state: 'killed', onPath: true, asked: took, took };
  const window = { ...whole.variants[0]!, name: 'after first', span: { fromMs: 1000, untilMs: 20_000 } };
  const until = (atLeastMs: number) => [{ ...window, recovery: { ...never, atLeastMs } }];
  const cut = alter(makeResult({ variants: 3 }), names[0]!, { faults: [fault], windows: until(8000) });
  expect(said(recovery, cut)).toEqual([]);
  expect(said(recovery, alter(cut, names[0]!, { windows: until(7999) }))[0]).toMatch(/does not recover$/);
});

test('recovery says nothing of what was not watched for long enough', () => {
  expect(said(recovery, recovering({ ...never, reported: false }))).toEqual([]);
  expect(said(recovery, makeResult())).toEqual([]);
});

test('recovery over rounds counts the rounds of a variant that recovered only in some', () => {
  const window = 'after phase spike';
  const rounds = [recovered, never, never].map((each, i) => ({
    seed: i,
    status: 'held' as const,
    variants: [{ name: names[0]!, values: {}, collapsed: false, recoveries: [{ window, recovery: each }] }],
  }));
  expect(said(recovery, { ...recovering(never), rounds }).at(-1)).toBe(
    `${names[0]} recovers after phase spike in 1 of 3 rounds.`,
  );
});
