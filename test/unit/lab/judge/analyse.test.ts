import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { roundFolder, variantFolder } from '#lab/evidence/folder.ts';
import { evidenceFile } from '#lab/evidence/format.ts';
import { readRun } from '#lab/evidence/read-run.ts';
import { writeSimulations } from '#lab/evidence/simulations.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { analyse } from '#lab/judge/analyse.ts';
import { clockCheck } from '#lab/judge/result/facts.ts';
import type { Result } from '#lab/judge/result/result.ts';
import type { OwnRequest } from '#load/sending/own-request.ts';
import { stored, writeRun } from '#test/fixtures/evidence.ts';
import { measuredIn } from '#test/support/figures.ts';
import { testFolder } from '#test/support/folder.ts';
import { truthful } from './ledger/truthful.ts';

const calls = ['ok', 'late', 'failed', 'timeout', 'rejected', 'unknown', 'unsent'] as const;
const events = ['ok', 'late', 'dead', 'dropped', 'pending', 'unsent'] as const;

function folderOf(): string {
  const folder = testFolder();
  writeRun(folder, [truthful('event', events), truthful('rpc', calls)]);
  return folder;
}

const analysed = async (folder: string, more: Partial<ExperimentFile['experiment']> = {}) =>
  analyse({ ...stored, experiment: { ...stored.experiment, ...more } }, await readRun(folder));

test('analyse makes a result of a folder, its variants in the order of the experiment', async () => {
  const result = await analysed(folderOf());
  expect(result).toMatchObject({
    errors: [],
    durationMs: 3,
    startedAt: '2026-11-25T01:02:03.456Z',
    machine: { nats: '2' },
    hypotheses: [{ ok: null, reason: 'failed check: unsent requests in rpc' }],
  });
  expect(result.variants.map(({ name, ledger }) => [name, ledger.balanced])).toEqual([
    ['rpc', true],
    ['event', true],
  ]);
  const checked = new Set(result.validity.map(({ variant }) => variant));
  expect([...checked]).toEqual(['rpc', 'event']);
});

test('analyse marks what has no end as interrupted, and leaves out the variant that was under way', async () => {
  const folder = folderOf();
  const file = join(folder, evidenceFile);
  const lines = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, `${lines.slice(0, 5).join('\n')}\n`);
  const { status, exitCode, errors, variants } = await analysed(folder);
  expect({ status, exitCode }).toEqual({ status: 'interrupted', exitCode: 105 });
  expect(variants.map(({ name }) => name)).toEqual(['event']);
  expect(errors).toEqual([
    {
      name: 'interrupted',
      variant: 'rpc',
      message: `the lab was killed: ${file} has no record end after record 5`,
    },
  ]);
});

/** Removes the lines of a run's evidence that match a pattern. */
function without(pattern: RegExp, folder = folderOf()): string {
  const file = join(folder, evidenceFile);
  const lines = readFileSync(file, 'utf8').split('\n');
  writeFileSync(file, lines.filter((line) => !pattern.test(line)).join('\n'));
  return folder;
}

test.each([
  ['is not complete', /"complete","name":"rpc"/],
  ['never began', /"(variant|complete)","name":"rpc"/],
])('analyse refuses the evidence of a run that ended although a variant %s', async (_, pattern) => {
  await expect(analysed(without(pattern))).rejects.toThrow(
    /evidence\.ndjson: expected a record complete of each variant before the record end, missing rpc$/,
  );
});

test('analyse judges a run without a variant that an error ended early', async () => {
  const folder = without(/"complete","name":"rpc"/);
  const file = join(folder, evidenceFile);
  const error = JSON.stringify({ record: 'error', name: 'internal', message: 'it died', variant: 'rpc' });
  writeFileSync(file, readFileSync(file, 'utf8').replace('{"record":"end"', `${error}\n{"record":"end"`));
  const { status, variants } = await analysed(folder);
  expect([status, variants.map(({ name }) => name)]).toEqual(['error', ['event']]);
});

/** Replaces text in the evidence of the variant `event`, and returns the run's folder. */
function edited(before: string, after: string, folder = folderOf()): string {
  const file = join(variantFolder(folder, 'event'), evidenceFile);
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(before);
  writeFileSync(file, text.replace(before, after));
  return folder;
}

const fault = '{"record":"fault","name":"y","state":"x","beganAtMs":1,"endedAtMs":2}\n';
const redrive =
  '{"record":"redrive","took":null,"redriven":[],"repeated":[],"skipped":[],"left":[],"failure":null}\n';
const tampering = '{"record":"tamp';

test.each<[string, string, string, RegExp]>([
  ['a fault', tampering, fault + tampering, /expected one of the faults of the experiment, none, got y$/],
  ['two redrives', tampering, redrive + redrive + tampering, /\d+: expected at most 1 record redrive$/],
  [
    'other policies',
    '"policies":[]',
    '"policies":[{"timeout":{"ms":7}}]',
    /the configurations of the experiment, got another consumer\.policies/,
  ],
])('analyse refuses evidence with %s of another experiment', async (_, before, after, message) => {
  await expect(analysed(edited(before, after))).rejects.toThrow(message);
});

test('analyse reads evidence without the options of the broker that were added later', async () => {
  const result = await analysed(edited('"nats":{"servers":1,"replicas":1,', '"nats":{'));
  expect(result.status).toBe((await analysed(folderOf())).status);
});

test("analyse refuses evidence of events without the broker's state", async () => {
  const folder = folderOf();
  const file = join(variantFolder(folder, 'event'), evidenceFile);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^.*"remains".*\n/m, ''));
  await expect(analysed(folder)).rejects.toThrow(
    /record \d+: expected a record remains, got the end of the file$/,
  );
});

test('analyse refuses another request than the one that a foreign service has received', async () => {
  const folder = folderOf();
  const file = join(folder, evidenceFile);
  const request: OwnRequest = { method: 'POST', headers: {}, insecure: false, success: [202] };
  const before = readFileSync(file, 'utf8');
  await expect(analysed(folder, { request })).resolves.toMatchObject({ errors: [] });
  writeFileSync(file, before.replace('"foreign":[]', '"foreign":["publisher"]'));
  await expect(analysed(folder, { request })).rejects.toThrow(
    /evidence\.ndjson: expected the request of the run, which publisher has received$/,
  );
});

/** Writes a run of two rounds, of which the first `written` have evidence. `last` are the last records of the run. */
function rounds(written: number, ...last: object[]): string {
  const folder = testFolder();
  for (let seed = 1; seed <= written; seed++)
    writeRun(roundFolder(folder, seed), [truthful('rpc', ['ok', 'late']), truthful('event', ['ok', 'late'])]);
  const [first = ''] = readFileSync(join(roundFolder(folder, 1), evidenceFile), 'utf8').split('\n');
  const head = JSON.parse(first);
  const records = [
    { ...head, experiment: { ...head.experiment, repeat: 2 } },
    { record: 'round', seed: 1, atMs: 1 },
    { record: 'round', seed: 2, atMs: 5 },
    ...last,
  ];
  writeFileSync(join(folder, evidenceFile), records.map((each) => `${JSON.stringify(each)}\n`).join(''));
  return folder;
}

test('analyse judges over all rounds, and hands on the result of each', async () => {
  const folder = rounds(2, { record: 'end', atMs: 9, interrupted: false });
  const each: [number, string][] = [];
  const onRound = async (seed: number, { status }: Result) => void each.push([seed, status]);
  const result = await analyse(
    { ...stored, experiment: { ...stored.experiment, repeat: 2 } },
    await readRun(folder),
    onRound,
  );
  expect(each).toEqual([
    [1, 'held'],
    [2, 'held'],
  ]);
  expect(result).toMatchObject({ status: 'held', durationMs: 9, rounds: [{ seed: 1 }, { seed: 2 }] });
});

test.each([
  ['between two rounds', 2],
  ['before the last round had a record', 1],
])('analyse marks rounds as interrupted whose lab was killed %s', async (_, written) => {
  const { status, errors, durationMs, rounds: found } = await analysed(rounds(written), { repeat: 2 });
  expect({ status, durationMs }).toEqual({ status: 'interrupted', durationMs: 5 });
  expect(errors).toMatchObject([{ name: 'interrupted', message: expect.stringContaining('was killed') }]);
  expect(found?.map(({ seed }) => seed)).toEqual([1, 2].slice(0, written));
});

test('analyse refuses rounds of which one is missing', async () => {
  const folder = rounds(2, { record: 'end', atMs: 9, interrupted: false });
  await expect(analysed(without(/"round","seed":2/, folder), { repeat: 2 })).rejects.toThrow(
    /evidence\.ndjson: expected a record round of each seed before the record end, missing 2$/,
  );
});

/**
 * Stores an event whose completion was lost, and whose effect came 1 ms after the deadline, by downstream's clock. This
 * clock is 5 s ahead, as far as `errorMs` allows to know.
 */
function withOtherClock(errorMs: number): string {
  const truth = truthful('event', ['ok', 'late']);
  truth.requests.decide(1, 'pending');
  truth.requests.latencyMs[1] = Number.NaN;
  truth.effects.firstAtMs[1] = 1000 + 1 + 101;
  truth.effects.firstAtMs = truth.effects.firstAtMs.map((ms) => ms + 5000);
  truth.effects.answeredAtMs = truth.effects.firstAtMs.slice();
  const folder = testFolder();
  writeRun(folder, [truthful('rpc', ['ok', 'late']), truth]);
  const readings = [900, 61_100].map((atMs) => ({ atMs, offsetMs: 5000, errorMs, shared: false }));
  const clocks = { record: 'clocks', processes: [{ process: 'downstream', readings, effects: 2 }] };
  const file = join(variantFolder(folder, 'event'), evidenceFile);
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('{"record":"end"', `${JSON.stringify(clocks)}\n{"record":"end"`));
  return folder;
}

test.each([
  ['late(event) == 1', 0.5, 'held'],
  ['late(event) == 1', 2, 'invalid'],
  ['p99(event) < 102ms', 2, 'invalid'],
])('analyse judges %s with clocks known to %d ms: %s', async (hypothesis, errorMs, status) => {
  const result = await analysed(withOtherClock(errorMs), { hypothesis: [hypothesis] });
  const [, variant] = measuredIn(result);
  expect(variant!.ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(variant).toMatchObject({ ok: 1, late: 1, max: expect.closeTo(101) });
  expect(result.status).toBe(status);
  const failing = result.validity.filter(({ ok }) => !ok);
  expect(failing.map(({ name }) => name)).toEqual(status === 'invalid' ? [clockCheck] : []);
});

test('analyse compares an effect with its request beyond the error of the clocks only', async () => {
  const failing = async (errorMs: number) => {
    const folder = withOtherClock(errorMs);
    const file = join(variantFolder(folder, 'event'), 'effects.ndjson');
    // The first request was sent at 1,000.5 ms.
    writeFileSync(file, readFileSync(file, 'utf8').replace('"atMs":6010', '"atMs":5999.5'));
    const [, variant] = (await analysed(folder)).variants;
    return variant!.ledger.checks.flatMap(({ name, ok }) => (ok ? [] : name));
  };
  expect(await failing(1.1)).toEqual([]);
  expect(await failing(0.9)).toEqual(['no effect precedes its request']);
});

test('analyse judges hypotheses that simulations with the stalls of the run acquitted, by the same rules only', async () => {
  const folder = testFolder();
  writeRun(folder, [truthful('event', ['ok']), truthful('rpc', ['ok'])]);
  const file = join(variantFolder(folder, 'rpc'), evidenceFile);
  const stall = { process: 'gateway', fromMs: 1001, untilMs: 1031, cpuMs: 0 };
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"stalls","all":[]', `"stalls","all":[${JSON.stringify(stall)}]`));
  const [hypothesis, other] = ['offered(rpc) >= 0', 'goodput(rpc) >= 0'];
  const judged = async (more: Partial<ExperimentFile['experiment']> = {}) =>
    (await analysed(folder, { hypothesis: [hypothesis, other], ...more })).hypotheses.map(({ ok }) => ok);
  expect(await judged()).toEqual([null, null]);
  writeSimulations(folder, { version: 1, deadlineMs: 100, seeds: [], acquitted: [hypothesis], variants: [] });
  expect(await judged()).toEqual([true, null]);
  expect(await judged({ recovery: { ...stored.experiment.recovery, heldMs: 1 } })).toEqual([null, null]);
});
