import { readFileSync } from 'node:fs';
import type { TSchema } from 'typebox';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { ConsumerConfig } from '#consumer/config.ts';
import { DownstreamConfig } from '#downstream/config.ts';
import { GatewayConfig } from '#gateway/config.ts';
import { parser } from '#kit/schema/parser.ts';
import { configsOf } from '#lab/experiment/configs.ts';
import { fileOf } from '#lab/experiment/course.ts';
import { readExperiment } from '#lab/experiment/read.ts';
import { parseSteady } from '#load/steady/config.ts';
import { PublisherConfig } from '#publisher/config.ts';
import { quarter } from '#test/fixtures/quarter-tide.ts';
import { type Fields, ideal } from '#test/unit/laws/ideal.ts';

const { experiment } = readExperiment(fileOf('tide'));
const { services } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true });
const configOf = (service: string) => JSON.parse(services[service].environment.CONFIG);

const configs = (variant: string) => configsOf(experiment, experiment.variants[variant]!);
const [naive, guarded, events] = [configs('naive'), configs('guarded'), configs('events')];

test.each<[string, TSchema, object]>([
  ['naive-gateway', GatewayConfig, naive.gateway!],
  ['guarded-gateway', GatewayConfig, guarded.gateway!],
  ['gateway', GatewayConfig, guarded.gateway!],
  ['publisher', PublisherConfig, events.publisher!],
  ['consumer', ConsumerConfig, events.consumer!],
  ...['naive-downstream', 'guarded-downstream', 'downstream'].map((name): [string, TSchema, object] => [
    name,
    DownstreamConfig,
    naive.downstream!,
  ]),
])('%s in docker-compose.yml is configured as in experiments/tide.yaml', (service, schema, expected) => {
  const complete = parser(schema);
  expect(complete(configOf(service))).toEqual(complete(expected));
});

test('the load in docker-compose.yml is that of experiments/tide.yaml', () => {
  const { seed, deadlineMs, load, faults } = experiment;
  const config = parseSteady(configOf('load'));
  expect(config).toMatchObject({ seed, deadlineMs, phases: load });
  // The experiment's faults also have their defaults.
  expect(faults).toMatchObject(config.faults);
});

const inAQuarter = ({ load, faults }: Fields) => quarter({ phases: load, faults });

test('in the tide naive stays down until the ebb, guarded recovers, and events lose nothing', async () => {
  const [naive, guarded, events] = await Promise.all(
    ['naive', 'guarded', 'events'].map((variant) => ideal('tide', variant, inAQuarter)),
  );
  const goodput = (of: typeof naive, phase: string) => of!.in(`phase ${phase}`).goodput;
  for (const one of [naive, guarded, events]) expect(goodput(one, 'calm')).toBeGreaterThan(0.95);
  for (const phase of ['after', 'slow', 'poison']) expect(goodput(naive, phase)).toBeLessThan(0.05);
  expect(goodput(naive, 'ebb')).toBeGreaterThan(0.2);
  for (const phase of ['after', 'poison']) expect(goodput(guarded, phase)).toBeGreaterThan(0.9);
  expect(events).toMatchObject({ dead: 12, result: { ledger: { balanced: true } } });
  expect(events!.completed + 12).toBe(events!.offered);
});
