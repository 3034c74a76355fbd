import { expect, test } from 'vitest';
import { overRounds } from '#lab/judge/over-rounds.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { recoverySection, windowsSection } from '#lab/show/section/faults.ts';
import { recovered } from '#test/fixtures/measured.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';
import { bodyOf } from '#test/fixtures/said.ts';
import { outcomesOf, percentiles } from '#test/fixtures/variant.ts';

const { outcomes } = makeResult().variants[0]!;
const unknown = { attempts: null, amplification: null };
const after = {
  span: null,
  offered: 0,
  outcomes,
  latency: null,
  goodput: 0,
  goodputByDeadline: [],
  ...unknown,
};
const back = {
  ...recovered,
  timeMs: 3800,
  atLeastMs: 3800,
  drainMs: 2500,
  watchedMs: 47_000,
  lostGoodput: 340.4,
};

const textOf = (result: Result) =>
  bodyOf(recoverySection(result))
    .replaceAll(/<[^>]+>/g, '|')
    .replaceAll(/[|\s]+/g, ' ');

test('recoverySection does not report a recovery that was not observed to its end as a failure', () => {
  const [variant] = makeResult().variants;
  const recovery = { ...back, timeMs: null, reported: false, atLeastMs: 0, watchedMs: 4000 };
  const shown = alter(makeResult(), variant!.name, {
    windows: [{ ...after, name: 'after crash', recovery }],
  });
  expect(textOf(shown)).toContain('unknown: the load ended too early – at least 340');
});

test('recoverySection says nothing of a backlog where calls have never waited', () => {
  const { name, series } = makeResult().variants[0]!;
  const shown = (backlog: number) =>
    textOf(
      alter(makeResult(), name, {
        windows: [{ ...after, name: 'after crash', recovery: back }],
        series: { ...series, backlog: series.tMs.map(() => backlog) },
      }),
    );
  expect(shown(0)).toContain('after 3.8 s – 340 no');
  expect(shown(1)).toContain('after 3.8 s after 2.5 s 340 no');
});

test('recoverySection gives a median over six rounds an interval, without an end where one did not recover', () => {
  const rounds = [1000, 2000, 3000, 4000, 5000, null].map((timeMs, seed) => {
    const result = makeResult({ variants: 1 });
    const { name, series } = result.variants[0]!;
    const recovery = { ...back, timeMs, atLeastMs: timeMs ?? 42_000, drainMs: 1000 * (seed + 1) };
    return alter({ ...result, experiment: { ...result.experiment, seed } }, name, {
      windows: [{ ...after, name: 'after spike', recovery }],
      series: { ...series, backlog: series.tMs.map(() => 1) },
    });
  });
  expect(textOf(overRounds(rounds, { command: '', durationMs: 0 }))).toContain(
    ' after 4 s 1 s or more after 4 s 1 s to 6 s at least 340 ',
  );
});

const part = {
  goodputByDeadline: [],
  latency: percentiles(9, 20, 50),
  goodput: 0.9,
  offered: 10,
  ...unknown,
};

test('windowsSection shows variants side by side in each part, and a dash where there was none', () => {
  const result = makeResult({ variants: 2 });
  const before = {
    ...part,
    name: 'before crash',
    span: { fromMs: 0, untilMs: 1000 },
    outcomes: outcomesOf({ ok: 9, dead: 1 }),
  };
  const after = {
    ...part,
    name: 'after crash',
    span: null,
    offered: 0,
    outcomes: outcomesOf({}),
    latency: null,
  };
  const [one, other] = result.variants.map(({ name }) => name);
  const shown = alter(alter(result, one!, { windows: [before, after] }), other!, {
    windows: [before, after],
  });
  const text = bodyOf(windowsSection(shown))
    .replaceAll(/<[^>]+>/g, '|')
    .replaceAll(/[|\s]+/g, ' ');
  const cells = '0 ms – 1 s 10 90 % 1 20 ms 50 ms';
  expect(text).toContain(
    `before crash A ${one} ${cells} before crash B ${other} ${cells} after crash A ${one} – 0 – 0 – –`,
  );
});
