import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Result } from '#lab/judge/result/result.ts';
import { marker, withMarker } from '#test/support/marked.ts';
import { folderIn, judged, resultOf, writeCalls, writeExperiment } from '#test/support/small-run.ts';
import { spillwayHere as spillway } from '#test/support/spillway-here.ts';

withMarker();

const runs = () => join(marker, 'runs');
const evidenceOf = (folder: string, variant: string) => join(folder, 'variants', variant, 'evidence.ndjson');

const hypothesis = `hypothesis: ['ok(calls) > 0', 'ok(events, after freeze) >= 0']`;
const fault = 'faults: [{ name: freeze, atMs: 300, forMs: 200, target: downstream, fault: { kind: pause } }]';

/** Writes a copy of the experiment's file in which a text is replaced. Returns its path. */
function other(file: string, before: string, after: string): string {
  const changed = join(marker, 'other.yaml');
  const text = readFileSync(file, 'utf8');
  expect(text).toContain(before);
  writeFileSync(changed, text.replaceAll(before, after));
  return changed;
}

test('judge answers from the evidence of one run as run does, also by another experiment, and refuses what it can not answer', async () => {
  const file = writeExperiment(700, `${hypothesis}\n${fault}`);
  const { code } = await spillway(['simulate', file, '--out', runs()]);
  const folder = folderIn(runs());
  const original = { ...resultOf(folder), advice: [{ variant: 'calls', tried: 3, before: 0 }] };
  writeFileSync(join(folder, 'result.json'), JSON.stringify(original));
  expect(original.validity.filter(({ ok }) => !ok)).toEqual([]);
  expect([code, original.status]).toEqual([0, 'held']);

  // `judge` with the same experiment gives the same result, with its advice, and overwrites no file.
  const again = await spillway(['judge', '--json', folder]);
  expect(again).toMatchObject({ code: 0, stderr: '' });
  const { folder: beside, ...same } = JSON.parse(again.stdout) as Result & { folder: string };
  expect(same).toEqual(original);
  expect(beside).not.toBe(folder);
  expect(resultOf(beside)).toEqual(original);
  expect(readdirSync(beside).sort()).toEqual(['figures.csv', 'junit.xml', 'report.html', 'result.json']);

  // `judge` takes an experiment with other hypotheses, about other windows and deadlines.
  const failing = await judged(
    folder,
    '--experiment',
    other(file, 'ok(calls) > 0', 'ok(calls, 100ms..400ms) < 1'),
  );
  expect(failing.result).not.toHaveProperty('advice');
  expect(failing).toMatchObject({ code: 99, result: { hypotheses: [{ ok: false }, { ok: true }] } });
  const out = join(marker, 'elsewhere');
  const late = await judged(
    folder,
    ...['--experiment', other(file, 'ok(calls) > 0', 'goodput(calls, 1ms) < 0.5'), '--out', out],
  );
  expect(late.folder).toContain(`${out}/other/`);
  expect(late.result.hypotheses[0]).toMatchObject({ left: 0, ok: true });
  expect(late.result.variants.every(({ ledger }) => ledger.balanced)).toBe(true);

  // `judge` refuses options that would have changed the run itself, such as its load or its answers.
  const experiment = other(file, 'ms: 20000', 'ms: 400');
  expect(await spillway(['judge', folder, '--experiment', experiment])).toMatchObject({
    code: 104,
    stdout: '',
    stderr: expect.stringMatching(
      /other\.yaml: .*variants\.calls\.policies\.timeout\.ms, variants\.events\./,
    ),
  });

  // Evidence of a lab that was killed during the second variant: `judge` judges the first.
  const killed = join(marker, 'killed');
  cpSync(folder, killed, { recursive: true });
  rmSync(join(killed, 'result.json'));
  const log = join(killed, 'evidence.ndjson');
  const lines = readFileSync(log, 'utf8').split('\n');
  const done = lines.findIndex((line) => line.startsWith('{"record":"complete","name":"events"'));
  writeFileSync(log, `${lines.slice(0, done).join('\n')}\n{"record":"compl`);
  const left = readFileSync(evidenceOf(killed, 'events'), 'utf8');
  writeFileSync(evidenceOf(killed, 'events'), left.slice(0, left.lastIndexOf('{"record":"summary"')));
  const rest = await judged(killed);
  expect(rest).toMatchObject({
    code: 105,
    folder: killed,
    result: {
      status: 'interrupted',
      errors: [{ name: 'interrupted', variant: 'events' }],
      variants: [original.variants[0]],
    },
  });

  // `judge` refuses a completed variant whose evidence has no record `end`.
  writeFileSync(log, lines.join('\n'));
  expect(await spillway(['judge', killed])).toMatchObject({
    code: 104,
    stderr: expect.stringMatching(
      /^\S*variants\/events\/evidence\.ndjson: record \d+: expected a record end/,
    ),
  });
});

test('simulate with rounds begins each with the next variant, in a folder for its seed, and marks it as simulated', async () => {
  const { code, stdout } = await spillway([
    ...['simulate', writeCalls(500), '--repeat', '2', '--json', '--out', runs()],
  ]);
  expect(code).toBe(0);
  // The run has two rounds. In each, the last of 25 requests completes after 505 ms.
  const durationMs = expect.closeTo(2 * 505, -2);
  expect(JSON.parse(stdout)).toMatchObject({
    simulated: true,
    durationMs,
    rounds: [{ seed: 1 }, { seed: 2 }],
  });
  for (const turn of [0, 1]) {
    const round = join(folderIn(runs()), 'rounds', String(1 + turn));
    expect(JSON.parse(readFileSync(join(round, 'result.json'), 'utf8'))).toMatchObject({ simulated: true });
    const [head = ''] = readFileSync(join(round, 'evidence.ndjson'), 'utf8').split('\n');
    expect(JSON.parse(head)).toMatchObject({ turn });
  }
});

test('simulate names a run, list and judge show the name, and judge --quiet has the verdict alone', async () => {
  await spillway(['simulate', writeCalls(500), '--repeat', '2', '--label', 'old pool', '--out', runs()]);
  const quiet = await spillway(['judge', '--quiet', folderIn(runs())]);
  expect(quiet.stdout).toMatch(/^. Measured: .*\n(?: {2}.*\n)*Report: (.*)\n$/);
  const listed = await spillway(['list', runs()]);
  expect(listed.stdout.match(/ old pool +simulation/g)).toHaveLength(2);
});
