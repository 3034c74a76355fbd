import { expect, test } from 'vitest';
import { check } from '#lab/experiment/check.ts';
import { configsOf } from '#lab/experiment/configs.ts';
import type { Experiment } from '#lab/experiment/schema.ts';

const experiment = check(
  {
    title: 'Two dependencies',
    deadlineMs: 1000,
    load: [{ arrivals: { kind: 'constant', ratePerSecond: 1, forMs: 1000 } }],
    seed: 7,
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants: {
      usual: { path: 'rpc', policies: [] },
      own: { path: 'event', downstream: { idempotent: false } },
    },
  },
  '/',
) as Experiment;
const downstream = (name: string) => configsOf(experiment, experiment.variants[name]!).downstream;

test("configsOf: a variant's downstream replaces the experiment's as a whole", () => {
  expect(downstream('usual')).toMatchObject({ model: { kind: 'fixed', latencyMs: 5 }, idempotent: true });
  expect(downstream('own')).toMatchObject({ model: { kind: 'congestion' }, idempotent: false, seed: 7 });
});
