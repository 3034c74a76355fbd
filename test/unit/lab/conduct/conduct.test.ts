import { existsSync, readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { conduct } from '#lab/conduct/conduct.ts';
import type { LeftOut } from '#lab/experiment/only.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { writeResult } from '#lab/show/files.ts';
import { onSockets } from '#lab/world/sockets.ts';
import { experimentText } from '#test/fixtures/experiment.ts';
import { testFolder } from '#test/support/folder.ts';

/** Number of times that the load average was read. It is also the value that a reading returns. */
let looks = 0;
beforeAll(() => {
  vi.spyOn(os, 'loadavg').mockImplementation(() => [++looks, 0, 0]);
  syncBuiltinESMExports();
});
afterAll(() => {
  vi.mocked(os.loadavg).mockRestore();
  syncBuiltinESMExports();
});

function repeated(rounds: number, leftOut?: LeftOut) {
  const source = experimentText({ 8: 'hypothesis: [lost(queued) == 0]' }, `repeat: ${rounds}`, 'seed: 5');
  const folder = testFolder();
  const conducted = conduct({
    file: { experiment: parseExperiment(source, 'x.yaml'), name: 'x', file: 'x.yaml', source, leftOut },
    world: onSockets({
      ...{ name: 'local', faults: () => [], foreign: [] },
      start: () => Promise.reject(new TestbedError('no-start', 'there is no testbed')),
    }),
    folder,
    output: writeResult,
    commandOf: ({ seed, repeat }) => `run ${seed} ${repeat}`,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
  return { folder, result: conducted.then(({ result }) => result) };
}

test('conduct ends with the round that ended early, and says which', async () => {
  const { folder, result } = repeated(3);
  expect(await result).toMatchObject({
    status: 'error',
    command: 'run 5 3',
    errors: [{ name: 'no-start', message: 'there is no testbed (with seed 5)' }],
    hypotheses: [{ ok: null }],
    rounds: [{ seed: 5, status: 'error' }],
  });
  expect(existsSync(join(folder, 'rounds', '5', 'result.json'))).toBe(true);
});

test('conduct records the machine in each round as before the first, so that all rounds give one advice', async () => {
  const { folder, result } = repeated(2);
  await result;
  const [run, round] = [folder, join(folder, 'rounds', '5')].map((each) => {
    const [head] = readFileSync(join(each, 'evidence.ndjson'), 'utf8').split('\n');
    return JSON.parse(head!);
  });
  expect(run.machine.loadAverage).toBeGreaterThan(0);
  expect(round.machine).toEqual(run.machine);
});

test('conduct of one round is a run as any other', async () => {
  const { folder, result } = repeated(1);
  const { command, errors, rounds } = await result;
  expect({ command, rounds }).toEqual({ command: 'run 5 1', rounds: undefined });
  expect(errors).toMatchObject([{ message: 'there is no testbed' }]);
  expect(existsSync(join(folder, 'rounds'))).toBe(false);
});

test('conduct keeps in evidence and result of the run and its rounds what --only left out', async () => {
  const leftOut = { variants: ['other'], hypotheses: ['ok(other) > 1'] };
  const { folder, result } = repeated(2, leftOut);
  expect(await result).toMatchObject({ leftOut });
  for (const each of [folder, join(folder, 'rounds', '5')]) {
    const [head] = readFileSync(join(each, 'evidence.ndjson'), 'utf8').split('\n');
    expect(JSON.parse(head!)).toMatchObject({ leftOut });
  }
});
