import { getEventListeners } from 'node:events';
import { readdirSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { analyse, simulate } from '#lab/cli/library/spillway.ts';
import { ExperimentError } from '#lab/experiment/read.ts';
import { testFolder } from '#test/support/folder.ts';

const experiment = {
  title: 'A hundred requests',
  seed: 1,
  deadlineMs: 500,
  load: [{ arrivals: { kind: 'constant', ratePerSecond: 50, forMs: 2000 } }],
  downstream: { model: { kind: 'fixed', latencyMs: 10 } },
  variants: {
    bare: { path: 'rpc', policies: [] },
    guarded: { path: 'rpc', policies: [{ timeout: { ms: 100 } }] },
  },
  hypothesis: ['goodput(bare) > 0.99', 'goodput(guarded) > 0.99'],
};

describe('simulate', () => {
  test('takes the fields of an experiment, and leaves no file', async () => {
    const folder = testFolder();
    vi.stubEnv('TMPDIR', folder);
    const result = await simulate(experiment).finally(() => vi.unstubAllEnvs());
    expect(result).toMatchObject({ status: 'held', variants: [{ name: 'bare' }, { name: 'guarded' }] });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('takes seed, rounds and variants instead of the experiment’s', async () => {
    const result = await simulate(experiment, { seed: 4, repeat: 2, only: ['bare'] });
    expect(result.rounds?.map(({ seed }) => seed)).toEqual([4, 5]);
    expect(new Set(result.figures.map(({ variant }) => variant))).toEqual(new Set(['bare']));
  });

  test('leaves no listener on the caller’s signal', async () => {
    const { signal } = new AbortController();
    await simulate(experiment, { repeat: 3, signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('rejects with all problems of an experiment', async () => {
    const wrong = simulate({ ...experiment, seed: -1, capacity: {} });
    await expect(wrong).rejects.toThrow(ExperimentError);
    await expect(wrong).rejects.toThrow(/^experiment:\d+:\d+: seed: .*\nexperiment:\d+:\d+: capacity/);
  });

  test.each([
    ['no experiment', [undefined], /experiment/],
    ['a list', [[]], /^\/experiment: expected a text or object, got \[\]$/],
    ['no options', [experiment, null], /expected object, got null$/],
    [
      'a seed that is a text',
      [experiment, { seed: 'x' }],
      /^\/options\/seed: expected a whole number, got "x"$/,
    ],
    [
      'an unknown option',
      [experiment, { nope: 1 }],
      /^\/options\/nope: unknown field, expected one of seed, repeat, only/,
    ],
    [
      'one variant that is no list',
      [experiment, { only: 'bare' }],
      /^\/options\/only: expected a list, got "bare"$/,
    ],
  ])('refuses %s', async (_what, given, message) => {
    await expect(simulate(...(given as unknown as Parameters<typeof simulate>))).rejects.toThrow(message);
  });
});

describe('analyse', () => {
  test.each([
    ['no folder', [null], /^\/folder: expected a text, got null$/],
    ['no options', ['.', null], /expected object, got null$/],
    ['an unknown option', ['.', { nope: 1 }], /^\/options\/nope: unknown field, expected one of experiment$/],
  ])('refuses %s', async (_what, given, message) => {
    await expect(analyse(...(given as unknown as Parameters<typeof analyse>))).rejects.toThrow(message);
  });
});
