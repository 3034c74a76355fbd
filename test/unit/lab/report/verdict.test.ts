import { expect, test } from 'vitest';
import { verdictOf } from '#lab/report/verdict.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';

const plainly = (text: string) => text.replaceAll('\u00a0', ' ');

test.each([
  ['held', 'Held', 'All 3 hypotheses hold, and the measurement is valid.'],
  ['measured', 'Measured', 'There is no hypothesis; the measurement is valid.'],
  ['failed', 'Failed', '2 of 5 hypotheses do not hold; the measurement is valid.'],
  ['invalid', 'Invalid', 'The measurement is invalid, so there is no verdict on the hypotheses.'],
  ['error', 'Error', 'An error ended the run before its end; the figures cover the time until then.'],
  [
    'interrupted',
    'Interrupted',
    'The run was stopped before its end; the figures cover the time until then.',
  ],
] as const)('verdictOf %s says so in words', (status, word, sentence) => {
  const verdict = verdictOf(makeResult({ status }));
  expect([verdict.word, plainly(verdict.sentence)]).toEqual([word, sentence]);
});

test('verdictOf a control run says that no fault was injected', () => {
  const { sentence } = verdictOf({ ...makeResult({ status: 'failed' }), withoutFaults: true });
  expect(plainly(sentence)).toBe(
    '2 of 5 hypotheses do not hold; the measurement is valid. This is a control run without faults, so some hypothesis should fail. One that holds here, too, does not show that a policy helps.',
  );
});

test('verdictOf a simulation says that it is one', () => {
  const { sentence } = verdictOf({ ...makeResult({ status: 'held' }), simulated: true });
  expect(sentence).toMatch(/the measurement is valid\. .*simulation in virtual time/);
});

test.each([
  [['b'], [], 'Left out by --only: 1 variant (b); no hypothesis names it.'],
  [['b'], ['x'], 'Left out by --only: 1 variant (b), so 1 hypothesis that names it was not judged.'],
  [
    ['b', 'c'],
    ['x', 'y'],
    'Left out by --only: 2 variants (b, c), so 2 hypotheses that name one of them were not judged.',
  ],
])(
  'verdictOf counts and names the variants %j that were left out, and counts hypotheses',
  (variants, hypotheses, note) => {
    const { sentence } = verdictOf({ ...makeResult(), leftOut: { variants, hypotheses } });
    expect(plainly(sentence)).toBe(`All 3 hypotheses hold, and the measurement is valid. ${note}`);
  },
);

test('verdictOf measured does not deny the hypotheses that were left out', () => {
  const leftOut = { variants: ['b'], hypotheses: ['x'] };
  const { sentence } = verdictOf({ ...makeResult({ status: 'measured' }), leftOut });
  expect(sentence).toMatch(/^No hypothesis was judged; the measurement is valid\./);
});

test('verdictOf held fits the number of hypotheses', () => {
  const { hypotheses, ...rest } = makeResult();
  const of = (count: number) => verdictOf({ ...rest, hypotheses: hypotheses.slice(0, count) }).sentence;
  expect(of(1)).toBe('The hypothesis holds, and the measurement is valid.');
  expect(of(2)).toBe('Both hypotheses hold, and the measurement is valid.');
});

test.each([
  [0, 'The measurement is invalid, so its figures prove nothing.'],
  [1, 'The measurement is invalid, so there is no verdict on the hypothesis.'],
  [2, 'The measurement is invalid, so there is no verdict on the hypotheses.'],
])('verdictOf invalid fits the number of hypotheses: %i', (count, sentence) => {
  const { hypotheses, ...rest } = makeResult({ status: 'invalid' });
  expect(verdictOf({ ...rest, hypotheses: hypotheses.slice(0, count) }).sentence).toBe(sentence);
});

test('verdictOf gives the reasons: failing checks, broken hypotheses, named errors, ledgers', () => {
  const reasons = (status: 'invalid' | 'failed' | 'error') =>
    verdictOf(makeResult({ status })).reasons.map(plainly);
  expect(reasons('invalid')).toEqual([
    'send lag p99 in rpc-guarded: 1 % of requests were sent at least 61.4 ms late (limit 20 ms). So the bursts reached the systems flatter than planned.',
    'What to do: Close other programs and run it again.',
  ]);
  expect(reasons('failed')).toEqual([
    'goodput(events-48) > goodput(rpc-retries-bulkhead-40) (59 % against 75 %)',
    'p99(rpc-nothing) < 1s (no data for p99(rpc-nothing))',
  ]);
  expect(reasons('error')).toEqual(['ServiceDied in events-48: gateway ended with signal SIGKILL']);
  const counts = { elapsedMs: 1250, offered: 840, inFlight: 512, outcomes: { ok: 1, timeout: 327 } };
  const cutShort = {
    ...makeResult({ status: 'error' }),
    errors: [{ name: 'it-died', message: 'gone', variant: 'x', counts }],
  };
  expect(verdictOf(cutShort).reasons.map(plainly)).toEqual([
    'it-died in x, 1.25 s after its start: gone. Of 840 requests until then: 1 ok, 327 timeout, 512 under way.',
  ]);
  const unbalanced = alter(makeResult(), 'events-8', { ledger: { balanced: false, checks: [] } });
  expect(verdictOf(unbalanced).reasons).toEqual(['The ledger of events-8 does not balance.']);
});

test('verdictOf gives three failing checks, then once each what to do about all of them', () => {
  const { validity, ...rest } = makeResult({ status: 'invalid' });
  const allFailing = validity.map((check) => ({ ...check, ok: false }));
  const { reasons } = verdictOf({ ...rest, validity: allFailing });
  expect(reasons[3]).toBe(`And ${validity.length - 3} more: see Validity in the report.`);
  expect(reasons.slice(4)).toEqual([
    'What to do: Close other programs and run it again.',
    'What to do: Set more connections.',
  ]);
});

test('verdictOf gives a sentence once that the remedies of several checks share', () => {
  const { validity, ...rest } = makeResult({ status: 'invalid' });
  const [check] = validity;
  const remedies = ['Close `a.b`: run again. Or allow more.', 'Close `a.b`: run again. Run longer.'];
  const failing = remedies.map((remedy) => ({ ...check!, ok: false, remedy }));
  expect(verdictOf({ ...rest, validity: failing }).reasons.slice(2)).toEqual([
    'What to do: Close `a.b`: run again. Or allow more.',
    'What to do: Run longer.',
  ]);
});
