import { expect, test } from 'vitest';
import { overRounds } from '#lab/judge/over-rounds.ts';
import type { Status } from '#lab/judge/result/result.ts';
import { renderTable } from '#lab/show/terminal/table.ts';
import { alter, makeResult, unjudged } from '#test/fixtures/result.ts';
import { makeRound } from '#test/fixtures/rounds.ts';
import { simulatedResult } from '#test/fixtures/simulations.ts';

const plain = { colour: false, width: 130 };
const statuses: Status[] = ['held', 'measured', 'failed', 'invalid', 'error', 'interrupted'];

test('renderTable has verdict, finding, the variants by goodput, and what is notable', () => {
  const hypotheses = [
    ...makeResult().hypotheses,
    { text: 'ok(events-16) > 1', ok: false, left: 1, right: 1 },
    { text: 'late(events-8) > 450', ok: true, left: 460, right: 450 },
  ];
  const lines = renderTable({ ...makeResult({ status: 'failed' }), hypotheses }, plain).split('\n');
  expect(lines[1]).toMatch(/^✗ Failed: 1 of 5 /);
  expect(lines[3]).toMatch(/^rpc-bulkhead-16 and events-16 complete every request within 2 s/);
  const head = lines.findIndex((line) => line.startsWith('variant '));
  const shares = lines.slice(head + 1, head + 10).map((line) => Number(/ ([\d.]+) %/.exec(line)?.[1]));
  expect(shares).toEqual(shares.toSorted((a, b) => b - a));
  expect(lines.filter((line) => /^[✗✓!]/.test(line)).slice(1)).toEqual([
    expect.stringMatching(/^✗ ok\(events-16\) > 1 /),
    expect.stringMatching(/^✓ 4 hypotheses held, 1 .* small margin/),
    expect.stringMatching(/^! close: late\(events-8\) > 450 /),
  ]);
});

test('renderTable has the figures of a variant in its columns', () => {
  const result = alter(makeResult(), 'rpc-guarded', { refusedRetries: 639 });
  const lines = renderTable(result, plain).split('\n');
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^variant +goodput +ok +late +failed +timeout +rejected +dead +attempts +refused retries +p50 +p99$/,
    ),
  );
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^rpc-retries-bulkhead-40 +75 % +1,490 +500 +10 +0 +0 +0 +1\.4\/req +0 +1\.18 s +2\.62 s$/,
    ),
  );
  expect(lines).toContainEqual(expect.stringMatching(/^rpc-guarded .*\/req +639 /));
});

test('renderTable of rounds has the means, and below them their intervals', () => {
  const rounds = [0.9, 0.1, 0.8].map((mean, i) => makeRound(7 + i, { mean, guarded: 0.95 }));
  const text = renderTable(overRounds(rounds, { command: '', durationMs: 0 }), { ...plain, width: 90 });
  const lines = text.split('\n').map((line) => line.replaceAll(/ {2,}/g, '  ').trim());
  const at = lines.findIndex((line) => line.startsWith('variant'));
  expect(lines[at + 1]).toMatch(/^guarded {2}95 % {2}0 of 3/);
  expect([lines[at], ...lines.slice(at + 3, at + 5)]).toEqual([
    'variant  goodput  collapsed  attempts  p50  p99',
    'mean  60 %  1 of 3  0.233/req  209 ms  454 ms',
    '0 % to 100 %  6.1 % to 79 %  0.233  209 ms  454 ms',
  ]);
  expect(text).toContain('Means over 3 rounds');
});

test('renderTable in quiet prints the verdict with its reasons, and the failed hypotheses alone', () => {
  const wide = { colour: false, width: Number.POSITIVE_INFINITY };
  const text = (status: Status) => renderTable(makeResult({ status }), wide, 'quiet').split('\n');
  expect(text('held')).toHaveLength(1);
  expect(text('failed').map((line) => line.slice(0, 12))).toEqual([
    '✗ Failed: 2 ',
    '✗ goodput(ev',
    '✗ p99(rpc-no',
  ]);
  expect(text('invalid').slice(1)).toEqual([
    expect.stringMatching(/^ {2}- send lag p99 in rpc-guarded: /),
    expect.stringMatching(/^ {2}- Run it again, slower: /),
    expect.stringMatching(/^ {2}- What to do: /),
  ]);
});

test('renderTable counts hypotheses without a verdict apart', () => {
  const invalid = renderTable(makeResult({ status: 'invalid' }), plain);
  expect(invalid).toMatch(/^✓ 3 hypotheses held\n– 1 hypothesis not judged$/m);
  const open = unjudged(makeResult({ status: 'interrupted' }));
  expect(renderTable(open, plain)).toMatch(/^– 1 hypothesis not judged$/m);
  expect(renderTable(open, plain, 'verbose')).toContain('– ok(late) > 1  (late was not finished)');
});

test.each<Status>(['error', 'interrupted'])(
  'renderTable of %s without a variant has the cause alone',
  (status) => {
    const blank = { ...unjudged(makeResult({ status, variants: 0 })), validity: [] };
    for (const result of [blank, { ...blank, rounds: [{ seed: 1, status }] }]) {
      const lines = renderTable(result, plain, 'verbose').trimEnd().split('\n');
      expect(lines[1]).toContain('before any variant was finished');
      expect(lines.slice(2)).toEqual(result.errors.map(() => expect.stringMatching(/^ {2}- ServiceDied/)));
    }
  },
);

const ofStatuses = statuses.map((status) => makeResult({ status }));

test.each([130, 80, 40])('renderTable keeps within %i columns, but for commands', (width) => {
  for (const result of ofStatuses) {
    const text = renderTable(result, { colour: false, width }, 'verbose');
    const lines = text.split('\n').filter((line) => !line.includes('`'));
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(width);
  }
});

test('renderTable in 80 columns keeps the outcomes, names the columns without room, and cuts a long name', () => {
  const at80 = { colour: false, width: 80 };
  const text = renderTable(makeResult(), at80);
  expect(text).toMatch(/^variant +goodput +ok +late +failed +timeout +rejected +dead$/m);
  expect(text).toContain('\nNo room for attempts, p50, p99: see the report.\n');
  const named = alter(makeResult(), 'rpc-guarded', { name: 'a'.repeat(90) });
  expect(renderTable(named, at80)).toMatch(/^a+… +17 %/m);
});

test('renderTable uses escape codes only with colour, and has the same text then', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what is looked for
  const codes = /\u001b\[\d+m/g;
  const coloured = renderTable(makeResult(), { ...plain, colour: true }, 'verbose');
  expect(coloured).toMatch(codes);
  expect(coloured.replace(codes, '')).toBe(renderTable(makeResult(), plain, 'verbose'));
});

test('renderTable counts the variants that agree with their simulation', () => {
  const text = renderTable(simulatedResult(), plain);
  expect(text).toContain('≈ 1 of 2 variants as simulated');
});
