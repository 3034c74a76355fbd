import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '#kit/process/installation.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { readExperiment } from '#lab/experiment/read.ts';
import { readAddress } from '#lab/play/address.ts';
import { buildScripts } from '#lab/play/build-scripts.ts';
import { playedInCourse } from '#lab/play/presets.ts';
import { type Playable, sides } from '#lab/play/setting.ts';
import { buildOne } from '#lab/world/process/build-bundle.ts';
import { hashesOf } from '#test/fixtures/evidence-hashes.ts';
import { type OpenedReport, reportBrowser, workerIn } from '#test/fixtures/opened-report.ts';
import { pageFigures, textsOf } from '#test/fixtures/played-figures.ts';
import { testFolder } from '#test/support/folder.ts';

/** Experiments that together have policies, faults of broker and network, redeliveries, deadlines and a closed loop. */
const names = [
  '06-breaker-herd',
  '10-broker-outage',
  '12-redelivery-storm',
  '13-lost-deadlines',
  '14-coordinated-omission',
  '15-partition',
];

/** Code of a worker that answers each message with the hashes for its experiment. A page from a file has no modules. */
const workerOf = (bundle: string) =>
  `${bundle.replace('export { hashesOf };', '')}
  onmessage = async ({ data }) => postMessage(await hashesOf(data));`;

const unexpected = ({ trouble }: OpenedReport) => trouble.filter((request) => !request.startsWith('blob:'));

test('a simulation in a worker of Chromium has the same evidence and results as in Node', async () => {
  const file = join(testFolder(), 'bundle.js');
  await buildOne({ root, input: 'test/fixtures/evidence-hashes.ts', file });
  await using browser = await reportBrowser();
  await using opened = await browser.showPage('<!doctype html><title>Simulation</title>');
  const ask = await workerIn(opened, workerOf(readFileSync(file, 'utf8')));
  for (const name of names) {
    const { experiment } = readExperiment(name);
    const [there, here] = await Promise.all([ask(experiment), hashesOf(experiment)]);
    expect(there.data, name).toEqual(here);
  }
  expect(unexpected(opened)).toEqual([]);
});

test('the worker of a page has the figures in Chromium that it has in Node', async () => {
  const folder = testFolder();
  await buildScripts(root, folder);
  const [playable] = playedInCourse() as [Playable];
  const { setting } = readAddress('#05&load=8&B.retry=1', [playable]);
  await using browser = await reportBrowser();
  await using opened = await browser.showPage('<!doctype html><title>Play</title>');
  const ask = await workerIn(opened, readFileSync(join(folder, 'worker.js'), 'utf8'));
  const figures: Figure[] = [];
  for (const [index, side] of sides.entries()) {
    const { data } = await ask({ ask: index, setting, side }, `['done', 'problem'].includes(data.kind)`);
    figures.push(...(data as { figures: readonly Figure[] }).figures);
  }
  expect(textsOf(figures)).toEqual(await pageFigures(setting));
  expect(unexpected(opened)).toEqual([]);
});
