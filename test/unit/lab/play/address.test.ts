import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { addressOf, readAddress } from '#lab/play/address.ts';
import { playedExperiment } from '#lab/play/experiment.ts';
import { plainSetting } from '#lab/play/setting.ts';
import { smallPlayable } from '#test/fixtures/playable.ts';

const other = { ...smallPlayable, id: '05', name: '05-metastable' };
const all = [smallPlayable, other];
const read = (hash: string) => readAddress(hash, all);
const plain = plainSetting(smallPlayable);

describe('readAddress', () => {
  test('reads every kind of difference', () => {
    const hash =
      '#05&A=events&load=90&B.budget@5=0.1&retry=off&load@9=60&spike@7=3x4&slow@8=5&redrive@9&seed=7&t=14.5';
    expect(read(hash)).toEqual({
      atMs: 14_500,
      notes: [],
      setting: {
        playable: other,
        seed: 7,
        names: { A: 'events', B: 'events' },
        edits: [
          { kind: 'load', atMs: 0, perSecond: 90 },
          { side: 'B', path: 'retry.budget.ratio', value: 0.1, atMs: 5000 },
          { side: undefined, path: 'retry.maxRetries', value: 'off', atMs: 0 },
          { kind: 'load', atMs: 9000, perSecond: 60 },
          { kind: 'spike', atMs: 7000, forMs: 3000, factor: 4 },
          { kind: 'slow', atMs: 8000, forMs: 5000 },
          { kind: 'redrive', atMs: 9000 },
        ],
      },
    });
  });

  test.each([
    ['', plain, []],
    ['#', plain, []],
    ['#6', plain, ['no experiment 6 on this page: small instead']],
    ['#05-metastabel', plainSetting(other), ['no experiment 05-metastabel on this page: 05 instead']],
    ['#small&seed=-3', { ...plain, seed: 0 }, ['seed=-3: 0 instead']],
    ['#small&seed=x', plain, ['seed=x: expected a number, 1 instead']],
    ['#small&A=call', plain, ['A=call: no variant of this name: calls instead']],
    ['#small&=5', plain, ['=5: expected name=value']],
    [
      '#small&load=1e99',
      { ...plain, edits: [{ kind: 'load', atMs: 0, perSecond: 1200 }] },
      ['load=1e99: 1200 instead'],
    ],
    [
      '#small&load=abc',
      { ...plain, edits: [{ kind: 'load', atMs: 0, perSecond: 60 }] },
      ['load=abc: expected a number, 60 instead'],
    ],
    [
      '#small&spike=5x1e9&slow=5x9',
      {
        ...plain,
        edits: [
          { kind: 'spike', atMs: 0, forMs: 5000, factor: 20 },
          { kind: 'slow', atMs: 0, forMs: 5000 },
        ],
      },
      ['spike=5x1e9: 20 instead', 'slow=5x9: expected a number, 5 instead'],
    ],
    [
      '#small&kill@-4=999999',
      { ...plain, edits: [{ kind: 'kill', atMs: 0, forMs: 3_600_000 }] },
      ['kill@-4=999999: 0 instead', 'kill@-4=999999: 3600 instead'],
    ],
  ])('takes the nearest setting for %s, with a note', (hash, setting, notes) => {
    expect(read(hash)).toEqual({ setting, atMs: undefined, notes });
  });
});

const names = 'load spike slow redrive seed t A retry B.budget retry.backoff.kind timeout.class nope'.split(
  ' ',
);
const huge = 'x'.repeat(2_000_000);
const wild = ['', '-1', 'NaN', 'Infinity', '1e999', '0', '5x', '__proto__', huge, '9'.repeat(2_000_000)];

test.each(names)('a wild value of %s is left out or replaced, with a note of readable length', (name) => {
  for (const value of wild)
    for (const part of [`${name}=${value}`, `${name}@${value}=3`, `${value}${name}=3`]) {
      const { setting, notes } = read(`#small&${part}`);
      const { experiment, notes: more } = playedExperiment(setting);
      expect(experiment.deadlineMs).toBe(300);
      for (const text of [addressOf(setting), ...notes, ...more]) expect(text.length).toBeLessThan(400);
    }
});

property.prop([fc.string()])('any address gives an experiment', (hash) => {
  const { setting } = read(`#small&${hash}`);
  expect(playedExperiment(setting).experiment.deadlineMs).toBe(300);
});

test('addressOf writes what readAddress reads', () => {
  const hash = '#small&A=events&B.retry@3=off&backoff.x=a&load@9=60&spike=3x4&slow@8=5&redrive@9&seed=7';
  const { setting } = read(hash);
  expect(addressOf(setting)).toBe(hash);
  expect(addressOf(plain, 1500)).toBe('#small&t=1.5');
});
