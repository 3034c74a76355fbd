import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resultOf, rotated } from '#lab/conduct/run.ts';
import { variantFolder } from '#lab/evidence/folder.ts';
import { readRun } from '#lab/evidence/read-run.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { describeSlowMotion } from '#lab/show/conditions.ts';
import { stored, writeRun } from '#test/fixtures/evidence.ts';
import { experimentText } from '#test/fixtures/experiment.ts';
import { testFolder } from '#test/support/folder.ts';
import { runText } from '#test/support/run-text.ts';
import { simulated } from '#test/support/simulated.ts';
import { truthful } from '../judge/ledger/truthful.ts';

test('run ends with a result after any error, and locates an internal one', async () => {
  const result = await runText(experimentText(), () => Promise.reject(new TypeError('x is not a function')));
  expect(result).toMatchObject({
    status: 'error',
    exitCode: 1,
    errors: [
      {
        name: 'internal',
        message: expect.stringMatching(/^TypeError: x is not a function\n +at .*run\.test/),
      },
    ],
  });
});

test('run ends with a result, too, if its evidence can not be analysed, and names the file', async () => {
  const folder = testFolder();
  writeRun(folder, [truthful('rpc', ['ok']), truthful('event', ['ok'])]);
  const file = join(variantFolder(folder, 'rpc'), 'effects.ndjson');
  rmSync(file);
  expect(await resultOf(stored, await readRun(folder))).toMatchObject({
    status: 'error',
    errors: [{ name: 'evidence', message: `${file}: can't be read: no such file or folder` }],
    variants: [],
  });
});

test('auto measures no pace for redeliveries by the server, and stays at full speed', async () => {
  const queued = '  queued: { path: event, consumer: { redelivery: { by: server } } }';
  const text = experimentText({ 6: '', 7: queued }, 'slowMotion: auto');
  const experiment = parseExperiment(text, 'x.yaml');
  const file = { experiment, name: 'x', file: 'x.yaml', source: text };
  const { slowMotion } = (await simulated(file, testFolder())).result;
  expect(slowMotion).toEqual({ asked: 'auto', factor: 1, unslowed: true });
  expect(describeSlowMotion(slowMotion!)).toMatch(/^run at full speed, since .*`by: server`$/);
});

const names = ['a', 'b', 'c'];

test('turned begins with the next name each turn, and after the last with the first again', () => {
  expect([0, 1, 2, 3].map((turn) => rotated(names, turn).join(''))).toEqual(['abc', 'bca', 'cab', 'abc']);
  expect(rotated([], 5)).toEqual([]);
});
