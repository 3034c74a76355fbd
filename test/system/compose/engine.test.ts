import { beforeEach, describe, expect, inject, test } from 'vitest';
import { startCompose } from '#lab/engine/compose.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import type { Result } from '#lab/result.ts';
import { run } from '#lab/run/run.ts';
import { docker } from '#test/support/docker/command.ts';
import { testFolder } from '#test/support/folder.ts';

const noDocker = inject('noDocker');
beforeEach(({ skip }) => skip(noDocker !== undefined, noDocker));

const started = (logFolder: string) => startCompose({ logFolder });

function runText(text: string): Promise<Result> {
  const file = { experiment: parseExperiment(text, 'x.yaml'), name: 'x', file: 'x.yaml', source: text };
  return run(file, {
    folder: testFolder(),
    command: 'test',
    startTestbed: started,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
}

/** Containers, networks and volumes of runs, and their images. */
async function left(): Promise<string> {
  const ofRuns = ['--quiet', '--filter', 'name=spillway-run'];
  const kinds = [
    ['ps', '--all'],
    ['network', 'ls'],
    ['volume', 'ls'],
  ];
  const lines = await Promise.all(kinds.map((kind) => docker(...kind, ...ofRuns)));
  return [...lines, await docker('images', '--quiet', 'spillway:spillway-run-*')].join('');
}

const experiment = (path: string, faults: string) => `
title: In containers
seed: 3
deadlineMs: 1000
drainMs: 8000
connections: 200
warmup: { requests: 100, concurrency: 20 }
load: [{ arrivals: { kind: constant, ratePerSecond: 100, forMs: 6000 } }]
downstream: { model: { kind: fixed, latencyMs: 10 } }
variants:
  it:
    path: ${path}
    policies: [{ timeout: { ms: 500 } }]
${path === 'event' ? '    consumer: { ackWaitMs: 1000, redelivery: { maxRetries: 20 } }' : ''}
faults:
${faults}
validity: { lagP99Ms: 1000, sleepExcessP99Ms: 1000, reason: counts are compared here and no times }
`;

describe('the compose engine', () => {
  test('runs an experiment with a container killed and one paused, loses nothing, and leaves nothing', async () => {
    const result = await runText(
      experiment(
        'event',
        `  - { name: crash, atMs: 1000, forMs: 500, target: consumer, fault: { kind: kill } }
  - { name: freeze, atMs: 3000, forMs: 500, target: publisher, fault: { kind: pause } }`,
      ),
    );
    expect(result.errors).toEqual([]);
    expect(result.validity.filter(({ ok }) => !ok)).toEqual([]);
    const [variant] = result.variants;
    expect(variant?.ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
    expect(variant?.lost).toBe(0);
    expect(variant!.outcomes.ok + variant!.outcomes.late).toBe(600);
    expect(variant?.latency?.maxMs).toBeGreaterThan(450);
    expect(variant?.self.processes.filter(({ restarted }) => restarted)).toMatchObject([
      { name: 'consumer' },
    ]);
    expect(await left()).toBe('');
  });
});
