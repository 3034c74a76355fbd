import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { analyse } from '#lab/analysis/analyse.ts';
import { evidenceFile, type VariantRecord, variantFolder } from '#lab/evidence/format.ts';
import { readRun } from '#lab/evidence/reader.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import type { Result } from '#lab/result/result.ts';
import type { Final } from '#lab/result/schema-helpers.ts';
import { stored, writeRun } from '#test/fixtures/evidence.ts';
import { testFolder } from '#test/support/folder.ts';
import { truthful } from './ledger/truthful.ts';

type VariantRecords = readonly Final<VariantRecord>[];

const source = `
title: Sabotage
deadlineMs: 100
load: [{ arrivals: { kind: constant, ratePerSecond: 1000, forMs: 12 } }]
variants: { event: { path: event } }
faults: [{ name: f, atMs: 0, forMs: 500, target: downstream, fault: { kind: failure, ratio: 1 } }]
hypothesis: ['lost(event) == 0']
validity: { lagP99Ms: 400, reason: each test is about one check }
`;
const experiment = parseExperiment(source, 'x.yaml');

/** Outcomes of twelve events, of which eleven completed. */
const outcomes = [...new Array(11).fill('ok'), 'pending'] as const;

/** Returns the result of a run whose fault affected all attempts. `sabotage` edits the evidence before the analysis. */
async function resultOf(sabotage: (folder: string) => void): Promise<Result> {
  const folder = testFolder();
  writeRun(folder, [truthful('event', outcomes)]);
  const ofVariant = variantFolder(folder, 'event');
  edit(ofVariant, (records) => [
    ...records.slice(0, -1),
    { record: 'fault', name: 'f', state: 'failing', beganAtMs: 1000, endedAtMs: 1500 },
    ...records.slice(-1),
  ]);
  affect(ofVariant, 11);
  sabotage(ofVariant);
  return await analyse({ ...stored, experiment }, await readRun(folder));
}

function edit(folder: string, change: (records: VariantRecords) => VariantRecords): void {
  const file = join(folder, evidenceFile);
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const records = change(lines.map((line) => JSON.parse(line)));
  writeFileSync(file, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

/** Overwrites counters in the last scrape of a process. */
function count(folder: string, process: string, counters: Readonly<Record<string, number>>): void {
  edit(folder, (records) => {
    const last = records.findLast((each) => each.record === 'scrape' && each.process === process);
    return records.map((each) =>
      each === last && each.record === 'scrape'
        ? { ...each, counters: { ...each.counters, ...counters } }
        : each,
    );
  });
}

const affect = (folder: string, attempts: number) =>
  count(folder, 'downstream', { 'spillway_fault_affected_total{fault="f",kind="failure"}': attempts });

function dropLastLine(folder: string, name: string): void {
  const file = join(folder, name);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/.*\n$/, ''));
}

const failing = ({ errors, validity }: Result) => [
  ...errors.map(({ message }) => message),
  ...validity.filter(({ ok }) => !ok).map(({ name }) => name),
];

/** Returns the names of the ledger checks that fail. */
const contradictions = ({ variants: [it] }: Result) =>
  it!.ledger.checks.filter(({ ok }) => !ok).map(({ name }) => name);

test('unedited evidence is of a valid run', async () => {
  const result = await resultOf(() => undefined);
  expect([result.status, failing(result), contradictions(result)]).toEqual(['held', [], []]);
});

test.each<[string, (folder: string) => void, string]>([
  [
    'an effect log that has lost a line',
    (folder) => dropLastLine(folder, 'effects.ndjson'),
    'every ok or late request has an effect',
  ],
  [
    'a record of the generator that has lost a line',
    (folder) => dropLastLine(folder, 'requests.csv'),
    'every offered request has one outcome',
  ],
  [
    'a consumer that counts too few of its attempts',
    (folder) => count(folder, 'consumer', { 'spillway_attempts_total{result="ok"}': 11 }),
    'downstream saw no attempt that its caller did not make',
  ],
])('%s makes the run invalid', async (_what, sabotage, contradiction) => {
  const result = await resultOf(sabotage);
  expect([result.status, failing(result)]).toEqual(['invalid', ['ledger differences']]);
  expect(contradictions(result)).toContain(contradiction);
});

test('an accepted event that the broker no longer holds is lost', async () => {
  const result = await resultOf((folder) =>
    edit(folder, (records) =>
      records.map((each) => (each.record === 'remains' ? { ...each, pending: [] } : each)),
    ),
  );
  expect(result.variants).toMatchObject([{ lost: 1, outcomes: { pending: 1 } }]);
  expect(result.hypotheses).toMatchObject([{ text: 'lost(event) == 0', ok: false, left: 1 }]);
  expect([result.status, failing(result)]).toEqual(['invalid', ['ledger differences']]);
  expect(contradictions(result)).toEqual(['no accepted event is lost']);
});

test('a generator that sent late makes the run invalid', async () => {
  // Changes the send lag of the pending event. Other events have an end, which would then be before their sending.
  const late = (lagMs: number) => (folder: string) => {
    const file = join(folder, 'requests.csv');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/^(\d+,[^,]*),[^,]*(,[^,]*,pending,)/m, `$1,${lagMs}$2`));
  };
  const [atLimit, above] = [await resultOf(late(400)), await resultOf(late(400.1))];
  expect([atLimit.status, failing(atLimit)]).toEqual(['held', []]);
  expect([above.status, failing(above)]).toEqual(['invalid', ['send lag p99']]);
});

test('a fault that downstream listed and did not bring about makes the run invalid', async () => {
  const result = await resultOf((folder) => affect(folder, 0));
  expect([result.status, failing(result)]).toEqual(['invalid', ['faults that affected no attempt']]);
});
