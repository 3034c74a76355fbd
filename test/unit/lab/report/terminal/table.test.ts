import { expect, test } from 'vitest';
import { renderTable } from '#lab/report/terminal/table.ts';
import type { Status } from '#lab/result/result.ts';
import { alter, makeResult, unjudged } from '#test/fixtures/result.ts';

const plain = { colour: false, width: 130 };
const longest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));
const statuses: Status[] = ['held', 'measured', 'failed', 'invalid', 'error', 'interrupted'];

test('renderTable shows verdict, variants, hypotheses, checks and ledgers', () => {
  const lines = renderTable(makeResult(), plain).split('\n');
  expect(lines.slice(0, 2)).toEqual([
    'A burst, nine ways',
    '✓ Held: All 3 hypotheses hold, and the measurement is valid.',
  ]);
  expect(lines[3]).toMatch(
    /^variant +goodput +ok +late +failed +timeout +rejected +dead +attempts +p50 +p99$/,
  );
  expect(lines[5]).toMatch(
    /^rpc-retries-bulkhead-40 +75 % +1,490 +500 +10 +0 +0 +0 +1\.4\/req +1\.18 s +2\.62 s$/,
  );
  expect(lines).toContain('✓ p99(events-16) < 1500ms  (1.23 s against 1.5 s)');
  expect(lines.slice(-2)).toEqual(['✓ 27 of 27 validity checks passed', '✓ 9 of 9 ledgers balanced']);
});

test('renderTable has a column for refused retries where there are any', () => {
  const result = alter(makeResult({ variants: 1 }), 'rpc-guarded', {
    refusedRetries: { budget: 637, breaker: 2 },
  });
  expect(renderTable(result, plain)).toMatch(/attempts +refused retries .*\n.* 639 /);
});

test('renderTable marks what does not hold with a cross, its figures and the reason', () => {
  const text = renderTable(makeResult({ status: 'failed' }), plain);
  expect(text).toContain('✗ Failed: 2 of 5 hypotheses do not hold');
  expect(text).toContain('✗ goodput(events-48) > goodput(rpc-retries-bulkhead-40)  (59 % against 75 %)');
  expect(text).toContain('✗ p99(rpc-nothing) < 1s  (no data for p99(rpc-nothing))');
});

test('renderTable marks what was not judged with a dash, and the reason', () => {
  const lines = renderTable(unjudged(makeResult({ status: 'interrupted' })), plain).split('\n');
  expect(lines).toContain('– ok(late) > 1  (late was not finished)');
});

test.each<Status>(['error', 'interrupted'])(
  'renderTable shows of a run with status %s in which nothing was measured the cause alone',
  (status) => {
    const blank = { ...unjudged(makeResult({ status, variants: 0 })), validity: [] };
    const rounds = [{ seed: 1, status, variants: [] }];
    for (const result of [blank, { ...blank, rounds }]) {
      const lines = renderTable(result, plain).trimEnd().split('\n');
      expect(lines[1]).toMatch(/ before any variant was finished\.$/);
      expect(lines.slice(2)).toEqual(result.errors.map(() => expect.stringMatching(/^ {2}- /)));
    }
  },
);

test('renderTable says that marks are no verdict when the measurement is invalid, and only then', () => {
  const note = /\n\nShown for information: an invalid measurement gives no verdict\.\n✓ goodput/;
  expect(renderTable(makeResult({ status: 'invalid' }), plain)).toMatch(note);
  expect(renderTable(makeResult(), plain)).not.toContain('Shown for information');
  const without = { ...makeResult({ status: 'invalid' }), hypotheses: [] };
  expect(renderTable(without, plain)).not.toContain('Shown for information');
});

test('renderTable breaks no line within a product', () => {
  const text = 'goodput(rpc-retries-bulkhead-40) < 0.9 * goodput(rpc-bulkhead-16)';
  const hypotheses = [{ text, ok: true, left: 0.745, right: 0.9 }];
  const lines = renderTable({ ...makeResult(), hypotheses }, { colour: false, width: 90 }).split('\n');
  expect(lines).toContain('  0.9 × 100 % = 90 %)');
});

test('renderTable says why a measurement is invalid or ended early', () => {
  expect(renderTable(makeResult({ status: 'invalid' }), plain)).toContain(
    '  - send lag p99 in rpc-guarded: one request in a hundred was sent 61.4 ms late or later',
  );
  expect(renderTable(makeResult({ status: 'invalid' }), plain)).toContain(
    '✗ 26 of 27 validity checks passed',
  );
  const error = renderTable(makeResult({ status: 'error', variants: 0 }), plain);
  expect(error).toContain('  - ServiceDied: gateway ended with signal SIGKILL');
});

test.each([130, 100, 80, 60, 40])('renderTable keeps within %i columns, whatever the status', (width) => {
  for (const status of statuses) {
    expect(longest(renderTable(makeResult({ status }), { colour: false, width }))).toBeLessThanOrEqual(width);
  }
});

test('renderTable in 80 columns keeps all outcomes that happened and says that there is more', () => {
  const text = renderTable(makeResult(), { colour: false, width: 80 });
  expect(text).toMatch(/^variant +goodput +ok +late +failed +timeout +rejected +dead$/m);
  expect(text).toContain('More columns are in the report.');
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
  const coloured = renderTable(makeResult(), { ...plain, colour: true });
  expect(coloured).toMatch(codes);
  expect(coloured.replace(codes, '')).toBe(renderTable(makeResult(), plain));
});
