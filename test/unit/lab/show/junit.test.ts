import { expect, test } from 'vitest';
import { renderJunit } from '#lab/show/junit.ts';
import { alter, makeResult, unjudged } from '#test/fixtures/result.ts';

const counts = (xml: string) =>
  /<testsuite name="01-burst" (tests="\d+" failures="\d+" errors="\d+" skipped="\d+")/.exec(xml)?.[1];

test('renderJunit has a case for each hypothesis, validity check and ledger', () => {
  const xml = renderJunit(makeResult({ variants: 2 }));
  expect(counts(xml)).toBe('tests="11" failures="0" errors="0" skipped="0"');
  expect(xml.match(/<testcase /g)).toHaveLength(11);
  expect(xml).toContain(
    '<testcase classname="01-burst.hypothesis" name="p99(events-16) &lt; 1500ms" time="0"/>',
  );
  expect(xml).toContain(
    '<testcase classname="01-burst.validity" name="rpc-guarded: send lag p99" time="0"/>',
  );
  expect(xml).toContain('<testcase classname="01-burst.ledger" name="rpc-guarded" time="0"/>');
});

test('renderJunit reports broken hypotheses as failures with both sides or the reason', () => {
  const xml = renderJunit(makeResult({ status: 'failed' }));
  expect(counts(xml)).toBe('tests="41" failures="2" errors="0" skipped="0"');
  expect(xml).toContain('<failure message="59\u00a0%, needs &gt; 75\u00a0%"/>');
  expect(xml).toContain('<failure message="no data for p99(rpc-nothing)"/>');
});

test('renderJunit skips a hypothesis that a failed check leaves open, and fails the check', () => {
  const xml = renderJunit(makeResult({ status: 'invalid', variants: 1 }));
  expect(counts(xml)).toBe('tests="8" failures="1" errors="0" skipped="1"');
  expect(xml).toMatch(
    /name="rpc-guarded: send lag p99" time="0"><failure message="send lag p99 in rpc-guarded: 1 % of requests were sent at least 61.4/,
  );
});

test('renderJunit skips the failed check of a run that held all the same', () => {
  const xml = renderJunit({ ...makeResult({ status: 'invalid', variants: 1 }), exitCode: 0 });
  expect(xml).toMatch(/name="rpc-guarded: send lag p99" time="0"><skipped/);
});

test('renderJunit skips a hypothesis that was not judged, and says why', () => {
  const xml = renderJunit(unjudged(makeResult({ status: 'interrupted', variants: 0 })));
  expect(counts(xml)).toBe('tests="1" failures="0" errors="0" skipped="1"');
  expect(xml).toContain('name="ok(late) &gt; 1" time="0"><skipped message="late was not finished"/>');
});

test('renderJunit skips hypotheses that --only left out', () => {
  const leftOut = { variants: ['late'], hypotheses: ['ok(late) > 1'] };
  const xml = renderJunit({ ...makeResult({ variants: 2 }), leftOut });
  expect(counts(xml)).toBe('tests="12" failures="0" errors="0" skipped="1"');
  expect(xml).toMatch(/name="ok\(late\) &gt; 1" time="0"><skipped message="[^"]*--only/);
});

test('renderJunit says what an unbalanced ledger disagrees on', () => {
  const checks = [
    {
      name: 'every ok has an effect',
      ok: false,
      witnesses: { generator: 3, downstream: 2 },
      note: 'One is missing.',
    },
  ];
  const xml = renderJunit(
    alter(makeResult({ variants: 1 }), 'rpc-guarded', { ledger: { balanced: false, checks } }),
  );
  expect(xml).toContain(
    '<failure message="every ok has an effect: {&quot;generator&quot;:3,&quot;downstream&quot;:2} One is missing."/>',
  );
});

test('renderJunit writes no character that XML forbids', () => {
  const result = makeResult({ status: 'error', variants: 0 });
  const errors = [{ name: 'Odd', message: 'bell \u0007 & <tag> \ud800' }];
  expect(renderJunit({ ...result, errors })).toContain('message="bell \ufffd &amp; &lt;tag&gt; \ufffd"');
});

test('renderJunit has the label of the run', () => {
  const xml = renderJunit({ ...makeResult({ variants: 1 }), label: 'after <the> fix' });
  expect(xml).toContain('<property name="label" value="after &lt;the&gt; fix"/>');
});
