import { expect, test } from 'vitest';
import { parser } from '#kit/schema/parser.ts';
import { check } from '#lab/experiment/check.ts';
import { configsOf } from '#lab/experiment/configs.ts';
import { slowMotionMax } from '#lab/experiment/rules.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { PublisherConfig } from '#publisher/config.ts';

const experiment = check({
  title: 'Two dependencies',
  deadlineMs: 1000,
  load: [{ arrivals: { kind: 'constant', ratePerSecond: 1, forMs: 1000 } }],
  seed: 7,
  downstream: { model: { kind: 'fixed', latencyMs: 5 } },
  variants: {
    usual: { path: 'rpc', policies: [] },
    own: { path: 'event', downstream: { idempotent: false } },
  },
}) as Experiment;
const downstream = (name: string) => configsOf(experiment, experiment.variants[name]!).downstream;

test("configsOf: a variant's downstream replaces the experiment's as a whole", () => {
  expect(downstream('usual')).toMatchObject({ model: { kind: 'fixed', latencyMs: 5 }, idempotent: true });
  expect(downstream('own')).toMatchObject({ model: { kind: 'congestion' }, idempotent: false, seed: 7 });
});

test("configsOf: slow motion multiplies the publisher's timeout, up to the largest factor", () => {
  const publisher = (...slowMotion: [number?]) =>
    configsOf(experiment, experiment.variants.own!, ...slowMotion).publisher;
  expect(publisher(4)).toMatchObject({ publishTimeoutMs: 8000 });
  expect(publisher()).not.toHaveProperty('publishTimeoutMs');
  const { publishTimeoutMs } = parser(PublisherConfig)(publisher(slowMotionMax));
  expect(publishTimeoutMs).toBe(slowMotionMax * 2000);
});
