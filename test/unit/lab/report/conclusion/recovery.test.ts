import { expect, test } from 'vitest';
import { recovery } from '#lab/report/conclusion/recovery.ts';
import type { Recovery } from '#lab/result/result.ts';
import { recovered } from '#test/fixtures/measured.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';
import { said } from '#test/fixtures/said.ts';

const whole = makeResult({ variants: 3 });
const names = whole.variants.map(({ name }) => name);
const never = { ...recovered, timeMs: null, atLeastMs: 8000 };

/** The first variants with these recoveries after a spike. */
const recovering = (...recoveries: Recovery[]) =>
  recoveries.reduce(
    (result, each, i) =>
      alter(result, names[i]!, {
        windows: [{ ...whole.variants[0]!, name: 'after phase spike', span: null, recovery: each }],
      }),
    makeResult({ variants: 3 }),
  );

test('recovery names who recovers after how long, and who does not', () => {
  const result = recovering({ ...recovered, timeMs: 1500 }, recovered, never);
  expect(said(recovery, result)).toEqual([
    'bad: 1 of 3 does not recover',
    `After phase spike: ${names[0]} and ${names[1]} recover after 1.5 s to 3 s; ${names[2]} does not recover within 8 s.`,
  ]);
});

test('recovery of all variants is good, and says whether it was at once', () => {
  const atOnce = { ...recovered, timeMs: 0 };
  expect(said(recovery, recovering(atOnce, atOnce))).toEqual([
    'good: Every variant recovers',
    `After phase spike: ${names[0]} and ${names[1]} recover at once.`,
  ]);
  expect(said(recovery, recovering(atOnce, recovered))[1]).toMatch(/ recover at once or within 3 s\.$/);
});

test('recovery leaves out what was not watched for long enough', () => {
  expect(said(recovery, recovering({ ...never, reported: false }))).toEqual([]);
  expect(said(recovery, makeResult())).toEqual([]);
});
