import { expect, test } from 'vitest';
import { verdictOf } from '#lab/show/verdict.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';

const plainly = (text: string) => text.replaceAll('\u00a0', ' ');

test.each([
  ['held', 'Held', /All 3 hypotheses hold/],
  ['measured', 'Measured', /no hypothesis/],
  ['failed', 'Failed', /2 of 5 hypotheses/],
  [
    'invalid',
    'Invalid',
    /^3 of 4 hypotheses hold; 1 was not judged, since the measurement of rpc-guarded is invalid\.$/,
  ],
  ['error', 'Error', /An error ended the run/],
  ['interrupted', 'Interrupted', /was stopped/],
] as const)('verdictOf %s says so in words', (status, word, sentence) => {
  const verdict = verdictOf(makeResult({ status }));
  expect(verdict.word).toBe(word);
  expect(plainly(verdict.sentence)).toMatch(sentence);
});

test('verdictOf says what stands if some variants were disturbed', () => {
  const { validity, hypotheses } = makeResult({ status: 'invalid' });
  const sentence = (change: object) => plainly(verdictOf({ ...makeResult(), validity, ...change }).sentence);
  const failed = { ...hypotheses[0]!, ok: false };
  expect(sentence({ status: 'failed', hypotheses: [...hypotheses, failed] })).toMatch(
    /^1 of 5 hypotheses does not hold; 1 was not judged, since the measurement of rpc-guarded is invalid\.$/,
  );
  expect(sentence({})).toMatch(/^All 3 hypotheses hold; the measurement of rpc-guarded is invalid\.$/);
  const open = hypotheses.slice(-1);
  const all = { status: 'invalid', hypotheses: open, variants: makeResult({ variants: 1 }).variants };
  expect(sentence(all)).toBe('No hypothesis was judged, since the measurement is invalid.');
  expect(sentence({ ...all, validity: [] })).toBe(
    'No hypothesis was judged, since the run or its load ended too early.',
  );
});

test('verdictOf names clients that failed beside variants that were finished', () => {
  const errors = ['mine', 'yours'].map((variant) => ({ name: 'client', message: 'it crashed', variant }));
  const [hypothesis, ...others] = makeResult().hypotheses;
  const sentence = (change: object) =>
    plainly(verdictOf({ ...makeResult(), status: 'error', errors, ...change }).sentence);
  expect(sentence({})).toMatch(/^All 3 hypotheses hold; the client of mine and yours failed\.$/);
  expect(sentence({ hypotheses: [{ ...hypothesis!, ok: null }, ...others] })).toMatch(
    /^2 of 3 hypotheses hold; 1 was not judged, since the client of mine and yours failed\.$/,
  );
  // Neither a slower run nor one of the disturbed variants would be possible.
  const { validity } = makeResult({ status: 'invalid' });
  expect(verdictOf({ ...makeResult(), status: 'error', errors, validity }).reasons.join()).not.toMatch(
    /again|What to do/,
  );
  expect(sentence({ variants: [] })).toMatch(/^An error ended the run before any variant was finished/);
});

test('verdictOf names what limits the verdict: a control run, a simulation, variants left out', () => {
  const noted = (change: object) => plainly(verdictOf({ ...makeResult(), ...change }).sentence);
  expect(noted({ withoutFaults: true })).toContain('control run without faults');
  expect(noted({ simulated: true })).toMatch(/^All 3 hypotheses hold\. This is a simulation in virtual time/);
  const rerun = { startedAt: '2026-11-25T01:02:03Z', variants: ['events-8'], finished: true };
  expect(noted({ reruns: [{ ...rerun, otherMachine: '2 × M1' }] })).toMatch(
    /Tried more than once: events-8 2 times \(.*, 2026-11-25 01:02 UTC on another machine, 2 × M1\)/,
  );
  const leftOut = { variants: ['b', 'c'], hypotheses: ['x', 'y'] };
  expect(noted({ leftOut })).toMatch(/--only: 2 variants \(b, c\), so 2 hypotheses .* not judged/);
  expect(noted({ status: 'measured', hypotheses: [], leftOut })).toMatch(/^No hypothesis was judged/);
});

test('verdictOf names stalls that may change a verdict and were too short to be recorded', () => {
  const [variant] = makeResult().variants;
  const variants = [{ ...variant!, self: { ...variant!.self, stallMs: 20 } }];
  const noted = (factor: number) =>
    plainly(verdictOf({ ...makeResult(), variants, slowMotion: { asked: factor, factor } }).sentence);
  expect(noted(2)).toContain('A stall of 20 ms may change a verdict, but only those of at least 25 ms');
  expect(noted(4)).not.toContain('stall');
});

test('verdictOf gives the reasons: failing checks, broken hypotheses, named errors, ledgers', () => {
  const reasons = (status: 'invalid' | 'failed' | 'error') =>
    verdictOf(makeResult({ status })).reasons.map(plainly);
  expect(reasons('invalid')).toEqual([
    'send lag p99 in rpc-guarded: 1 % of requests were sent at least 61.4 ms late (limit 20 ms). So the bursts reached the systems flatter than planned.',
    expect.stringMatching(/^Run it again, slower: /),
    'What to do: Close other programs and run it again.',
  ]);
  expect(reasons('failed')).toEqual([]);
  expect(verdictOf(makeResult({ status: 'failed' })).broken.map(plainly)).toEqual([
    'goodput(events-48) > goodput(rpc-retries-bulkhead-40) (59 %, needs > 75 %)',
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
