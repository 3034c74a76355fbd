import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { MetricName } from '#kit/metrics.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { storeIn } from '#lab/evidence/folder.ts';
import { total } from '#lab/evidence/samples.ts';
import { configsOf } from '#lab/experiment/configs.ts';
import type { Controls } from '#lab/world/controls.ts';
import { simulatedTestbed } from '#lab/world/simulated/simulated.ts';
import type { Overheads } from '#lab/world/simulation.ts';
import { recordHeader } from '#load/protocol.ts';
import { parsed } from '#test/fixtures/experiment.ts';
import { testFolder } from '#test/support/folder.ts';

/** Offers requests 100 ms apart to a dependency that takes 20 ms. */
export async function offer(
  variant: string,
  {
    overheads = {},
    connections = 10,
    requests = 1,
    drainMs = 1000,
    before = async () => undefined,
  }: {
    overheads?: Overheads;
    connections?: number;
    requests?: number;
    drainMs?: number;
    /** Called before the load. */
    before?: (controls: Controls) => Promise<unknown>;
  } = {},
) {
  const experiment = parsed(`
deadlineMs: 100
load: [{ arrivals: { kind: constant, ratePerSecond: 10, forMs: ${requests * 100} } }]
downstream: { model: { kind: fixed, latencyMs: 20 } }
connections: ${connections}
warmup: { requests: 1, concurrency: 1 }
variants: { calls: ${variant} }
`);
  const folder = testFolder();
  const clock = new VirtualClock();
  const { controls, generator } = await clock.runUntil(
    simulatedTestbed(experiment, { clock, path: 'rpc', store: storeIn(folder), overheads }),
  );
  const { gateway, downstream } = controls;
  const configs = configsOf(experiment, experiment.variants.calls!);
  await gateway.configure(configs.gateway);
  await downstream.configure(configs.downstream);
  await before(controls);
  const recordFile = join(folder, 'requests.csv');
  const { seed, deadlineMs, load, classes } = experiment;
  const target = { path: 'rpc', url: 'http://gateway', connections } as const;
  const reports: string[] = [];
  const summary = await clock.runUntil(
    generator.run(
      { ...target, seed, deadlineMs, load, classes, drainMs, recordFile },
      {
        started: (atMs) => reports.push(`started ${atMs}`),
        progress: ({ elapsedMs }) => reports.push(`progress ${elapsedMs}`),
      },
    ),
  );
  const [header, ...lines] = readFileSync(recordFile, 'utf8').trimEnd().split('\n');
  expect(header).toBe(recordHeader);
  const counted = async (name: MetricName, label = '') => total(await downstream.scrape([name]), name, label);
  return { clock, controls, summary, lines, reports, counted };
}
