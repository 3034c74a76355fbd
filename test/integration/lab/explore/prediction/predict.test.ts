import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseExperiment } from '#lab/experiment/read.ts';
import { overheadsOf, predict } from '#lab/explore/prediction/predict.ts';
import type { VariantResult } from '#lab/judge/result/result.ts';
import { ownTmpdir } from '#test/support/folder.ts';

const text = (more = '') => `
title: Two paths
deadlineMs: 100
load: [{ arrivals: { kind: poisson, ratePerSecond: 100, forMs: 300 } }]
downstream: { model: { kind: fixed, latencyMs: 10 } }
variants:
  calls: { path: rpc }
  events: { path: event }
${more}`;

function fileOf(source: string) {
  return { experiment: parseExperiment(source, 'x.yaml'), name: 'x', file: 'x.yaml', source };
}

const overhead = { gatewayMs: 4, downstreamMs: 6 };
const overheads = new Map([
  ['calls', overhead],
  ['events', null],
]);
const running = { overheads, signal: new AbortController().signal, onProgress() {} };

test('predict simulates ten seeds without and with overhead, if that is known', async () => {
  const folder = ownTmpdir();
  const shown: [number, number][] = [];
  const evidence = await predict(fileOf(text('seed: 5')), {
    ...running,
    onProgress: (done, of) => shown.push([done, of]),
  });
  expect(evidence).toMatchObject({ deadlineMs: 100, seeds: [5, 6, 7, 8, 9, 10, 11, 12, 13, 14] });
  const [calls, events] = evidence.variants;
  expect(calls).toMatchObject({ name: 'calls', overhead });
  // Every call takes the model's 10 ms, and the overhead of both hops.
  expect(calls!.ideal.map((values) => values?.p50)).toEqual(Array(10).fill(expect.closeTo(10)));
  expect(calls!.withOverhead.map((values) => values?.p50)).toEqual(Array(10).fill(expect.closeTo(20)));
  expect(events).toMatchObject({ name: 'events', overhead: null, withOverhead: [] });
  expect(events!.ideal.map((values) => values?.goodput)).toEqual(Array(10).fill(1));
  expect([shown[0], shown.at(-1)]).toEqual([
    [0, 30],
    [30, 30],
  ]);
  expect(readdirSync(folder)).toEqual([]);
});

test('predict gives the reason if the experiment can’t be simulated', async () => {
  const cluster = text().replace('path: event', 'path: event, broker: { servers: 3 }');
  expect(await predict(fileOf(cluster), running)).toEqual({
    ...{ version: 1, deadlineMs: 100, seeds: [], variants: [] },
    reason: 'Not simulated: a broker of 3 servers.',
  });
});

const outage = `
title: Downstream dies
deadlineMs: 100
load: [{ arrivals: { kind: constant, ratePerSecond: 100, forMs: 1000 } }]
downstream: { model: { kind: fixed, latencyMs: 10 } }
faults: [{ name: dead, atMs: 205, forMs: 300, target: downstream, fault: { kind: kill } }]
variants: { calls: { path: rpc } }`;

test('predict simulates as slowly as the run', async () => {
  const slowMotion = 10;
  const { variants } = await predict(fileOf(outage), {
    ...running,
    overheads: new Map([['calls', overhead]]),
    slowMotion,
  });
  const [calls] = variants;
  // Slow motion multiplies the 300 ms of the fault, and not the 170 ms that a process takes to start. So downstream is
  // back at 522 ms in place of 675 ms, and 33 of 100 calls fail in place of 48.
  expect(calls!.ideal.map((values) => values?.goodput)).toEqual(Array(10).fill(expect.closeTo(0.67)));
  expect(calls!.ideal.map((values) => values?.p50)).toEqual(Array(10).fill(expect.closeTo(10)));
  // The overhead was measured in the experiment's own time.
  expect(calls).toMatchObject({ overhead });
  expect(calls!.withOverhead.map((values) => values?.p50)).toEqual(Array(10).fill(expect.closeTo(20)));
});

test('predict rejects when it is interrupted, and leaves nothing', async () => {
  const folder = ownTmpdir();
  const stop = new AbortController();
  const simulating = predict(fileOf(text()), {
    ...running,
    signal: stop.signal,
    onProgress: (done) => done > 0 && stop.abort(new Error('stopped')),
  });
  await expect(simulating).rejects.toThrow('stopped');
  expect(readdirSync(folder)).toEqual([]);
});

test('overheadsOf is the mean over rounds, and unknown if one round doesn’t know it', () => {
  const variant = (name: string, overhead: VariantResult['self']['overhead']) =>
    ({ name, self: { overhead } }) as VariantResult;
  const rounds = [
    variant('a', { gatewayMs: 1, downstreamMs: 2 }),
    variant('b', { gatewayMs: 1, downstreamMs: 2 }),
    variant('a', { gatewayMs: 3, downstreamMs: 6 }),
    variant('b', null),
  ];
  expect([...overheadsOf(rounds)]).toEqual([
    ['a', { gatewayMs: 2, downstreamMs: 4 }],
    ['b', null],
  ]);
});
