import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { version } from '#kit/process/installation.ts';
import { conduct } from '#lab/conduct/conduct.ts';
import { judgeAgain } from '#lab/conduct/judge-again.ts';
import { rerunOf } from '#lab/conduct/rerun.ts';
import { rerunFolder } from '#lab/evidence/folder.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { readSource } from '#lab/experiment/read.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { resultFile } from '#lab/show/files.ts';
import { verdictOf } from '#lab/show/verdict.ts';
import { simulated } from '#lab/world/simulated/world.ts';
import { stored, writeRun } from '#test/fixtures/evidence.ts';
import { experimentText } from '#test/fixtures/experiment.ts';
import { makeResult } from '#test/fixtures/result.ts';
import { folders, testFolder } from '#test/support/folder.ts';
import { evidenceIn } from '#test/support/simulated.ts';
import { truthful } from '#test/unit/lab/judge/ledger/truthful.ts';

/** Simulates variants of a small experiment. With `rerun`, they are further tries in that folder. */
async function simulate(
  folder: string,
  { only, rerun = false, downstreamMs = 0, signal = running, repeat = 1, text = '' }: Options,
) {
  const hypothesis = '[p50(direct) > 0ms, p50(queued) > 0ms]';
  const source = experimentText({ 8: `hypothesis: ${hypothesis}` }, `repeat: ${repeat}${text}`);
  const { folder: own, result } = await conduct({
    ...{ file: readSource({ name: 'x', file: 'x.yaml', source }, { only }).file, folder, signal },
    ...(rerun && { rerun: { folder, pace: undefined } }),
    world: simulated({ overheads: { downstreamMs } }),
    ...{ output, commandOf: () => 'test', onProgress: () => undefined },
  });
  await output(own, result);
  return result;
}

interface Options {
  readonly only?: readonly string[];
  readonly rerun?: boolean;
  readonly downstreamMs?: number;
  readonly signal?: AbortSignal;
  readonly repeat?: number;
  /** More lines of the file. */
  readonly text?: string;
}

/** Writes no report, since that takes long. */
const output = async (folder: string, result: Result) =>
  writeFileSync(join(folder, resultFile), JSON.stringify(result));
const running = new AbortController().signal;
const p50Of = (result: Result) => ['direct', 'queued'].map((name) => valueIn(result, name, 'p50'));
const judged = (folder: string) => judgeAgain(folder, { output: async () => undefined });
const again = { only: ['queued'], rerun: true };

test.each([1, 2])(
  'a rerun in %d rounds replaces the figures of its variants alone, and keeps and counts all tries',
  async (repeat) => {
    const folder = testFolder();
    const [direct, queued] = p50Of(await simulate(folder, { repeat }));
    const first = evidenceIn(folder);
    const result = await simulate(folder, { ...again, repeat, downstreamMs: 30 });
    const [same, slower] = p50Of(result);
    expect(same).toBe(direct);
    expect(slower! - queued!).toBeGreaterThan(20);
    expect(result.hypotheses.map(({ ok }) => ok)).toEqual([true, true]);
    expect(result.reruns).toMatchObject([{ variants: ['queued'], finished: true }]);
    expect(result.rounds?.length).toBe(repeat === 1 ? undefined : repeat);
    const { 'result.json': _, ...evidence } = first;
    expect(evidenceIn(folder)).toMatchObject({ 'evidence.ndjson': evidence['evidence.ndjson'] });
    const third = await simulate(folder, { ...again, repeat, downstreamMs: 60 });
    expect(p50Of(third)[1]).toBeGreaterThan(slower!);
    expect(verdictOf(third).sentence).toMatch(
      /Tried more than once: queued 3 times \(.* UTC, .* UTC, .* UTC\)/,
    );
    expect((await judged(folder)).figures).toEqual(third.figures);
  },
);

test('a rerun that was stopped leaves the result as it was, and is counted', async () => {
  const folder = testFolder();
  const first = await simulate(folder, {});
  const before = evidenceIn(folder);
  const stopped = await simulate(folder, {
    ...again,
    downstreamMs: 30,
    signal: AbortSignal.abort(new Error('stopped')),
  });
  expect(stopped.status).toBe('interrupted');
  expect(evidenceIn(folder)).toMatchObject(before);
  const result = await judged(folder);
  expect(result.figures).toEqual(first.figures);
  expect(result.reruns).toMatchObject([{ variants: ['queued'], finished: false }]);
  expect(verdictOf(result).sentence).toContain('(not finished)');
});

test('a try of another run is refused', async () => {
  const [folder, other] = [testFolder(), testFolder()];
  await simulate(folder, {});
  await simulate(other, { text: ' # changed' });
  cpSync(other, rerunFolder(folder, '20990101T000000000Z'), { recursive: true });
  await expect(judged(folder)).rejects.toThrow('expected a try of the same file, seed and version');
});

const source = stored.source;
const command = 'bin/spillway run stored.yaml --seed 1';

const newFolder = folders();
let folder: string;
beforeAll(() => {
  folder = newFolder();
  writeRun(folder, [truthful('rpc', ['ok']), truthful('event', ['ok'])]);
});

/** Asks to conduct variants again in a stored run with two disturbed variants. */
async function ask({ only = ['event'], text = source, instead = {}, line = command, ...own }: Asked) {
  const made = makeResult({ status: 'invalid' });
  const [check] = made.validity;
  const validity = ['rpc', 'event'].map((variant) => ({ ...check!, variant }));
  const experiment = { ...made.experiment, name: 'stored', file: 'stored.yaml', source };
  await output(folder, { ...made, spillway: version, experiment, command, validity, ...own } as Result);
  const { file } = readSource({ name: 'stored', file: 'stored.yaml', source: text }, { only, instead });
  return rerunOf(folder, file, () => line);
}

interface Asked extends Partial<Result> {
  readonly only?: readonly string[];
  readonly text?: string;
  readonly instead?: object;
  readonly line?: string;
}

test.each<[string, Asked, string]>([
  ['another text', { text: `${source}\n# changed` }, 'stored.yaml has changed since the run'],
  ['another seed', { instead: { seed: 9 } }, 'the run has another seed'],
  ['another slow motion', { instead: { slowMotion: 4 } }, 'the run has another slowMotion'],
  ['another world', { line: `${command} --engine compose` }, 'the run has other options'],
  ['another version', { spillway: '0.0.1' }, 'the run is by Spillway 0.0.1'],
  ['a run that was not disturbed', { validity: [] }, 'no variant of the run was disturbed'],
  ['a simulation', { simulated: true }, 'the run is a simulation'],
  ['a run that was stopped', { status: 'interrupted' }, 'the run was stopped or failed'],
])('rerunOf refuses %s', async (_what, asked, message) => {
  await expect(ask(asked)).rejects.toThrow(message);
});

test.each<[string, Asked]>([
  ['the same options', { line: `${command} --only event` }],
  ['the factor that auto chose', { instead: { slowMotion: 2 }, slowMotion: { asked: 'auto', factor: 2 } }],
])('rerunOf accepts %s, and keeps the pace of the run', async (_what, asked) => {
  expect(await ask(asked)).toMatchObject({ pace: asked.slowMotion });
});
