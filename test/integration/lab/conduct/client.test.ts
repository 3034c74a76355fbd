import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { root } from '#kit/process/installation.ts';
import { type ExperimentFile, readExperiment } from '#lab/experiment/read.ts';
import { sampleOf } from '#lab/explore/sample.ts';
import { measuredIn } from '#test/support/figures.ts';
import { testFolder } from '#test/support/folder.ts';
import { evidenceIn, simulated } from '#test/support/simulated.ts';

const path = join(root, 'test/fixtures/virtual/clients.yaml');

test('simulate runs packages and a breaker written by hand', async () => {
  const { result } = await simulated(readExperiment(path), testFolder());
  expect(result.errors).toEqual([]);
  const all = measuredIn(result);
  expect(all.filter(({ ledger }) => !ledger.balanced)).toEqual([]);
  const named = Object.fromEntries(all.map((each) => [each.name, each]));
  for (const breaker of ['opossum', 'cockatiel', 'own-breaker'])
    expect(named[breaker]!.rejected).toBeGreaterThan(0);
  expect(named['p-retry']!.attempts).toBeGreaterThan(named.none!.attempts!);
  expect(named['p-retry']!.rejected).toBe(0);
});

test('simulate gives the same bytes for the same seed, also beside a busy loop, and so does a sweep', async () => {
  const file = readExperiment(path, {}, ['p-retry', 'own-breaker']);
  const { folder, result } = await simulated(file, testFolder());
  const busy = new Worker('for (;;);', { eval: true });
  const again = await simulated(file, testFolder());
  await busy.terminate();
  expect(again.result.errors).toEqual([]);
  const [evidence, other] = [evidenceIn(folder), evidenceIn(again.folder)];
  expect(Object.keys(other)).toEqual(Object.keys(evidence));
  expect(Object.keys(evidence).filter((name) => other[name] !== evidence[name])).toEqual([]);
  expect((await sampleOf(file, 1)).figures).toEqual(result.figures);
});

/** Experiment of a client, in a folder with its module. */
function withClient(code: string): ExperimentFile {
  const folder = testFolder();
  writeFileSync(join(folder, 'client.ts'), code);
  const experiment = join(folder, 'x.yaml');
  writeFileSync(
    experiment,
    `title: Broken
deadlineMs: 1000
drainMs: 1000
load: [{ arrivals: { kind: constant, ratePerSecond: 10, forMs: 1000 } }]
downstream: { model: { kind: fixed, latencyMs: 5 } }
variants: { broken: { path: rpc, client: ./client.ts }, none: { path: rpc } }
hypothesis: ['ok(broken) > 0', 'ok(none) == 10']
`,
  );
  return readExperiment(experiment);
}

test.each([
  ['throws when it is loaded', `throw new Error('no key');`, "the client can't be loaded: Error: no key at "],
  ['throws when it is opened', `export default () => { throw new Error('no pool'); };`, 'no pool'],
  [
    'opens a socket',
    `export default ({ url }) => () => fetch(url);`,
    'not simulated: the client opened a socket',
  ],
  [
    'leaves a rejection',
    `export default () => async () => { Promise.reject(new Error('mistake')); };`,
    'the client left a rejection unhandled: Error: mistake at ',
  ],
])(
  'a simulation whose client %s has that error, and judges the other variant',
  async (_what, code, message) => {
    const { result } = await simulated(withClient(code), testFolder());
    expect(result.errors).toMatchObject([
      { name: 'client', message: expect.stringContaining(message), variant: 'broken' },
    ]);
    expect(result.hypotheses.map(({ ok }) => ok)).toEqual([null, true]);
  },
);

test('a simulation ends after the drain if a client never answers', async () => {
  const { result } = await simulated(
    withClient('export default () => () => new Promise(() => undefined);'),
    testFolder(),
  );
  expect(result.errors).toEqual([]);
  expect(measuredIn(result)[0]).toMatchObject({ ok: 0 });
});
