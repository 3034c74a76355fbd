import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '#kit/process/installation.ts';
import { readExperiment } from '#lab/experiment/read.ts';
import { buildOne } from '#lab/world/process/build-bundle.ts';
import { hashesOf } from '#test/fixtures/evidence-hashes.ts';
import { reportBrowser } from '#test/fixtures/opened-report.ts';
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

test('a simulation in a worker of Chromium has the same evidence and results as in Node', async () => {
  const file = join(testFolder(), 'bundle.js');
  await buildOne({ root, input: 'test/fixtures/evidence-hashes.ts', file });
  await using browser = await reportBrowser();
  await using opened = await browser.showPage('<!doctype html><title>Simulation</title>');
  const { page, trouble } = opened;
  const source = JSON.stringify(workerOf(readFileSync(file, 'utf8')));
  await page.evaluate(`void (globalThis.worker = new Worker(URL.createObjectURL(new Blob([${source}]))))`);
  for (const name of names) {
    const { experiment } = readExperiment(name);
    const [there, here] = await Promise.all([
      page.evaluate(`new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => reject(new Error(message));
        worker.postMessage(${JSON.stringify(experiment)});
      })`),
      hashesOf(experiment),
    ]);
    expect(there, name).toEqual(here);
  }
  expect(trouble.filter((request) => !request.startsWith('blob:'))).toEqual([]);
});
