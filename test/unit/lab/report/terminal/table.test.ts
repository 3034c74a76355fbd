import { expect, test } from 'vitest';
import { overRounds } from '#lab/analysis/over-rounds.ts';
import { errorsSection, policiesSection } from '#lab/report/section/figures.ts';
import { printed } from '#lab/report/terminal/paper.ts';
import { errorLines, policyLines, renderTable, simulationLines } from '#lab/report/terminal/table.ts';
import type { Status } from '#lab/result/result.ts';
import { alter, makeResult, unjudged } from '#test/fixtures/result.ts';
import { makeRound } from '#test/fixtures/rounds.ts';
import { bodyOf } from '#test/fixtures/said.ts';
import { simulations } from '#test/fixtures/simulations.ts';

const plain = { colour: false, width: 130 };
const longest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));
const statuses: Status[] = ['held', 'measured', 'failed', 'invalid', 'error', 'interrupted'];

test('renderTable shows verdict, finding, the variants by goodput, what is notable', () => {
  const hypotheses = [
    ...makeResult().hypotheses,
    { text: 'ok(events-16) > 1', ok: false, left: 1, right: 1 },
    { text: 'late(events-8) > 450', ok: true, left: 460, right: 450 },
  ];
  const lines = renderTable({ ...makeResult({ status: 'failed' }), hypotheses }, plain).split('\n');
  expect(lines[1]).toMatch(/^✗ Failed: 1 of 5 hypotheses does not hold/);
  expect(lines[3]).toMatch(/^rpc-bulkhead-16 and events-16 complete every request within 2 s/);
  const head = lines.findIndex((line) => line.startsWith('variant '));
  const shares = lines.slice(head + 1, head + 10).map((line) => Number(/ ([\d.]+) %/.exec(line)?.[1]));
  expect(shares).toEqual(shares.toSorted((a, b) => b - a));
  expect(lines.filter((line) => /^[✗✓!≈]/.test(line)).slice(1)).toEqual([
    expect.stringMatching(/^✗ ok\(events-16\) > 1 /),
    '✓ 4 hypotheses held, 1 of them by a small margin',
    expect.stringMatching(/^! close: late\(events-8\) > 450 /),
  ]);
});

test('renderTable lists no hypothesis of an invalid measurement, and counts those that were not judged', () => {
  expect(renderTable(makeResult({ status: 'invalid' }), plain)).not.toContain('95 %)');
  expect(renderTable(unjudged(makeResult({ status: 'interrupted' })), plain)).toMatch(
    /^– \d+ hypothes[ei]s not judged$/m,
  );
});

test('renderTable in verbose shows verdict, variants, hypotheses, checks and ledgers', () => {
  const lines = renderTable(makeResult(), plain, 'verbose').split('\n');
  expect(lines.slice(0, 2)).toEqual([
    'A burst, nine ways',
    '✓ Held: All 3 hypotheses hold, and the measurement is valid.',
  ]);
  const head = lines.findIndex((line) => line.startsWith('variant '));
  expect(lines[head]).toMatch(
    /^variant +goodput +ok +late +failed +timeout +rejected +dead +attempts +p50 +p99$/,
  );
  expect(lines).toContainEqual(
    expect.stringMatching(
      /^rpc-retries-bulkhead-40 +75 % +1,490 +500 +10 +0 +0 +0 +1\.4\/req +1\.18 s +2\.62 s$/,
    ),
  );
  expect(lines).toContain('✓ p99(events-16) < 1500ms  (1.23 s against 1.5 s)');
  expect(lines.slice(-2)).toEqual(['✓ 27 of 27 validity checks passed', '✓ 9 of 9 ledgers balanced']);
});

test('renderTable has a column for refused retries where there are any', () => {
  const result = alter(makeResult({ variants: 1 }), 'rpc-guarded', {
    refusedRetries: { budget: 637, breaker: 2 },
  });
  expect(renderTable(result, plain, 'verbose')).toMatch(/attempts +refused retries .*\n.* 639 /);
});

test('renderTable in quiet prints the verdict and the failed hypotheses alone', () => {
  const text = (status: Status) => renderTable(makeResult({ status }), plain, 'quiet').split('\n');
  expect(text('held')).toEqual(['✓ Held: All 3 hypotheses hold, and the measurement is valid.']);
  expect(text('failed')).toEqual([
    expect.stringMatching(/^✗ Failed: 2 of 5 hypotheses do not hold/),
    expect.stringMatching(/^✗ goodput\(events-48\) > /),
    expect.stringMatching(/^✗ p99\(rpc-nothing\) < 1s/),
  ]);
});

test.each<Status>(['invalid', 'error', 'interrupted'])(
  'renderTable in quiet prints the verdict with its reasons: %s',
  (status) => {
    const [verdict, ...reasons] = renderTable(makeResult({ status }), plain, 'quiet').split('\n');
    expect(verdict?.toLowerCase()).toContain(status);
    for (const reason of reasons) expect(reason).toMatch(/^ {2}/);
  },
);

test('renderTable marks what does not hold with a cross, its figures and the reason', () => {
  const text = renderTable(makeResult({ status: 'failed' }), plain, 'verbose');
  expect(text).toContain('✗ Failed: 2 of 5 hypotheses do not hold');
  expect(text).toContain('✗ goodput(events-48) > goodput(rpc-retries-bulkhead-40)  (59 % against 75 %)');
  expect(text).toContain('✗ p99(rpc-nothing) < 1s  (no data for p99(rpc-nothing))');
});

test('renderTable marks what was not judged with a dash, and the reason', () => {
  const lines = renderTable(unjudged(makeResult({ status: 'interrupted' })), plain, 'verbose').split('\n');
  expect(lines).toContain('– ok(late) > 1  (late was not finished)');
});

test.each<Status>(['error', 'interrupted'])(
  'renderTable shows of %s without a variant the cause alone',
  (status) => {
    const blank = { ...unjudged(makeResult({ status, variants: 0 })), validity: [] };
    const rounds = [{ seed: 1, status, variants: [] }];
    for (const result of [blank, { ...blank, rounds }]) {
      const lines = renderTable(result, plain, 'verbose').trimEnd().split('\n');
      expect(lines[1]).toMatch(/ before any variant was finished\.$/);
      expect(lines.slice(2)).toEqual(result.errors.map(() => expect.stringMatching(/^ {2}- /)));
    }
  },
);

test('renderTable gives hypotheses no verdict when the measurement is invalid, and only then', () => {
  const note =
    /\n\nShown for information: an invalid measurement gives no verdict\.\n– goodput.* \(100 % against 95 %\)/;
  expect(renderTable(makeResult({ status: 'invalid' }), plain, 'verbose')).toMatch(note);
  expect(renderTable(makeResult(), plain, 'verbose')).not.toContain('Shown for information');
  const without = { ...makeResult({ status: 'invalid' }), hypotheses: [] };
  expect(renderTable(without, plain, 'verbose')).not.toContain('Shown for information');
});

test('renderTable breaks no line within a product', () => {
  const text = 'goodput(rpc-retries-bulkhead-40) < 0.9 * goodput(rpc-bulkhead-16)';
  const hypotheses = [{ text, ok: true, left: 0.745, right: 0.9 }];
  const lines = renderTable({ ...makeResult(), hypotheses }, { colour: false, width: 90 }, 'verbose').split(
    '\n',
  );
  expect(lines).toContain('  0.9 × 100 % = 90 %)');
});

test('renderTable says why a measurement is invalid or ended early', () => {
  expect(renderTable(makeResult({ status: 'invalid' }), plain, 'verbose')).toContain(
    '  - send lag p99 in rpc-guarded: 1 % of requests were sent at least 61.4 ms late',
  );
  expect(renderTable(makeResult({ status: 'invalid' }), plain, 'verbose')).toContain(
    '✗ 26 of 27 validity checks passed',
  );
  const error = renderTable(makeResult({ status: 'error', variants: 0 }), plain, 'verbose');
  expect(error).toContain('  - ServiceDied: gateway ended with signal SIGKILL');
});

test.each([130, 100, 80, 60, 40])('renderTable keeps within %i columns, whatever the status', (width) => {
  for (const status of statuses) {
    expect(longest(renderTable(makeResult({ status }), { colour: false, width }))).toBeLessThanOrEqual(width);
  }
});

test('renderTable in 80 columns keeps all outcomes that happened and names the columns without room', () => {
  const text = renderTable(makeResult(), { colour: false, width: 80 });
  expect(text).toMatch(/^variant +goodput +ok +late +failed +timeout +rejected +dead$/m);
  expect(text).toContain('\nNo room for attempts, p50, p99: see the report.\n');
});

test('renderTable shortens a name that is longer than the line', () => {
  const name = 'a'.repeat(90);
  const text = renderTable(alter(makeResult({ variants: 1 }), 'rpc-guarded', { name }), {
    colour: false,
    width: 60,
  });
  expect(text).toMatch(/^a+… +17 %/m);
});

test('renderTable uses escape codes only with colour, and says the same then', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape codes are what is looked for
  const codes = /\u001b\[\d+m/g;
  const coloured = renderTable(makeResult(), { ...plain, colour: true }, 'verbose');
  expect(coloured).toMatch(codes);
  expect(coloured.replace(codes, '')).toBe(renderTable(makeResult(), plain, 'verbose'));
});

const result = makeResult({ variants: 2 });
const { name } = result.variants[0]!;
const firstErrors = {
  failed: [
    { reason: '502: <b>bad</b>', count: 2, firstAtMs: 1500 },
    { reason: '500: worse', count: 1200, firstAtMs: 1700 },
  ],
  unknown: [{ reason: 'connect ECONNREFUSED', count: 3, firstAtMs: 0 }],
};

test('errorLines shows the most frequent error of each outcome, for variants that have any', () => {
  const lines = errorLines(alter(result, name, { firstErrors }), 200);
  expect(lines.slice(1)).toEqual([
    `  ${name}: failed "500: worse" (1,200×); unknown "connect ECONNREFUSED" (3×)`,
  ]);
  expect(errorLines(result, 200)).toEqual([]);
});

test('errorsSection shows every error with its count and first time, and is left out without any', () => {
  const section = errorsSection(alter(result, name, { firstErrors }));
  const text = bodyOf(section);
  expect(text).toMatch(
    /<td>failed<\/td><td><span class="why">500: worse<\/span><\/td><td>1,200<\/td><td>1\.7\u00a0s<\/td>/,
  );
  expect(text).toContain('<span class="why">502: &lt;b&gt;bad&lt;/b&gt;</span>');
  expect(text).toContain('ECONNREFUSED');
  expect(errorsSection(result)).toBeNull();
});

test('in slow motion both say that the texts of errors are in real time', () => {
  const own = alter(result, name, { firstErrors });
  const slow = { ...own, slowMotion: { factor: 4, asked: 4 } };
  expect(errorLines(slow, 200)[0]).toContain('real time');
  expect(errorsSection(slow)?.lead).toContain('real time, 4 times as long');
  expect(errorLines(own, 200)[0]).not.toContain('real time');
  expect(errorsSection(own)?.lead).not.toContain('real time');
});

const policies = [
  { policy: 'retry', position: 0, acted: { retried: 1300 }, note: '' },
  { policy: 'budget', position: 1, acted: { refused: 0 }, note: 'it leaves all free' },
  { policy: 'breaker', position: 2, acted: { opened: 3, refused: 40 }, note: '' },
  { policy: 'timeout', position: 3, acted: { 'timed-out': 0 }, note: '' },
];
const acting = alter(result, name, { policies });

test('policyLines shows what each policy did, and warns of one that never acted for a reason', () => {
  const lines = policyLines(acting, { colour: false, width: 200 });
  expect(lines.slice(1).map((line) => line.replaceAll('\u00a0', ' '))).toEqual([
    `  ${name}: retry retried 1,300; budget never acted; breaker opened 3, refused 40; timeout never acted`,
    `⚠ In variant ${name}, the policy budget never acted: it leaves all free`,
  ]);
});

test('policiesSection has a row for each policy, and is left out without any', () => {
  const text = bodyOf(policiesSection(acting));
  expect(text.match(/<tr>/g)).toHaveLength(1 + policies.length);
  expect(text).toContain('it leaves all free');
  expect(policiesSection(result)).toBeNull();
});

test('renderTable counts the variants that agree with their simulation with overhead', () => {
  const counted = (of: typeof simulations) =>
    /^≈ .*$/m.exec(renderTable({ ...makeResult(), simulations: of }, plain))?.[0];
  expect(counted(simulations)).toBe('≈ 1 of 2 variants as simulated (in the report: Predicted and measured)');
  const none = { seeds: [], reason: 'Not simulated.', variants: [] };
  expect(counted(none)).toBeUndefined();
  for (const of of [simulations, none])
    expect(renderTable({ ...makeResult({ status: 'invalid' }), simulations: of }, plain)).not.toContain('≈');
});

test('simulationLines shows the measured figures beside both simulations, and marks differences', () => {
  const lines = (result = { ...makeResult(), simulations }) =>
    printed([simulationLines(result, plain)]).split('\n');
  expect(lines()).toEqual([
    'Measured, and in brackets simulated: ideal, with overhead; ≠ where the latter differs.',
    'rpc-guarded: goodput 77 % (75 %, 77 %), attempts / request 1.6 (1, 1.5), p50 500 ms (100 ms, 200 ms)',
    'rpc-retries-bulkhead-40: p99 200 ms (100 ms, – ≠)',
    'events-16: Not simulated: events.',
  ]);
  const none = { seeds: [], reason: 'Not simulated.', variants: [] };
  expect(lines({ ...makeResult(), simulations: none })).toEqual(['Not simulated.']);
});

const rounds = [0.9, 0.1, 0.8].map((plain, i) => makeRound(7 + i, { plain, guarded: 0.95 }));
const ofRounds = renderTable(overRounds(rounds, { command: '', durationMs: 0 }), {
  colour: false,
  width: 90,
});

test('renderTable shows of rounds the means, the best variant first, and below them their intervals', () => {
  const lines = ofRounds.split('\n').map((line) => line.replaceAll(/ {2,}/g, '  ').trim());
  const at = lines.findIndex((line) => line.startsWith('variant'));
  expect(lines[at + 1]).toMatch(/^guarded {2}95 % {2}0 of 3/);
  expect([lines[at], ...lines.slice(at + 3, at + 5)]).toEqual([
    'variant  goodput  collapsed  attempts  p50  p99',
    'plain  60 %  1 of 3  0.233/req  209 ms  454 ms',
    '0 % to 100 %  6.1 % to 79 %  0.233  209 ms  454 ms',
  ]);
  expect(ofRounds).toContain('Means over 3 rounds, and below them their 95 % intervals; use 10 rounds');
});
