import { expect, test } from 'vitest';
import { collapse } from '#lab/report/conclusion/collapse.ts';
import { alter, makeResult, outcomesOf, pick } from '#test/fixtures/result.ts';
import { said } from '#test/fixtures/said.ts';

test('collapse gives its signature, with retries and without', () => {
  expect(said(collapse, makeResult())).toEqual([
    'bad: 2 of 9 variants collapse',
    'rpc-retries: 2.5 % done within 2 s, 97.5 % failed or timed out. Each request costs 3.92 attempts with up to 1,998 in flight at downstream, and 99 % of the attempts time out. That is close to 4: nearly every request used up all its attempts in vain.',
    'rpc-nothing: 2.5 % done within 2 s, 97.5 % failed or timed out. Each request costs 1 attempt with up to 1,998 in flight at downstream, and 96 % of the attempts time out. No retry is to blame: the load alone is too much at once.',
  ]);
});

test('collapse reads an amplification between whole numbers as nothing', () => {
  const [title, point] = said(
    collapse,
    alter(pick(makeResult(), 'rpc-retries'), 'rpc-retries', { amplification: 2.5 }),
  );
  expect(title).toBe('bad: The system collapses');
  expect(point).toMatch(/99 % of the attempts time out\.$/);
});

test('collapse lets no more attempts time out than there were, also where a deadline around the retries cut off waits, too', () => {
  const [, point] = said(
    collapse,
    alter(pick(makeResult(), 'rpc-nothing'), 'rpc-nothing', { attempts: 2000, attemptTimeouts: 2600 }),
  );
  expect(point).toContain('and 100 % of the attempts time out.');
});

test('collapse is said of events that nobody ever takes', () => {
  const waiting = { goodput: 0, outcomes: outcomesOf({ pending: 2000 }) };
  expect(said(collapse, alter(pick(makeResult(), 'events-48'), 'events-48', waiting))).toEqual([
    'bad: The system collapses',
    expect.stringContaining('events-48: 0 % done within 2 s, 100 % failed, timed out or came to no end.'),
  ]);
});

test('collapse speaks of one that does in the singular', () => {
  expect(said(collapse, pick(makeResult(), 'rpc-nothing', 'events-16'))[0]).toBe(
    'bad: 1 of 2 variants collapses',
  );
});

test('collapse does not blame the load alone where a process could not keep up', () => {
  const result = pick(makeResult(), 'rpc-nothing');
  const { self } = result.variants[0]!;
  const processes = self.processes.map((each) => ({ ...each, saturated: each.name === 'gateway' }));
  expect(said(collapse, alter(result, 'rpc-nothing', { self: { ...self, processes } }))[1]).not.toContain(
    'to blame',
  );
});

test('collapse tells the peak in flight where there are no samples, and nothing where there is no peak', () => {
  const result = pick(makeResult({ points: 0 }), 'rpc-nothing');
  expect(said(collapse, result)[1]).toContain('1,998 in flight');
  const variants = result.variants.map((variant) => ({ ...variant, peakInFlight: null }));
  expect(said(collapse, { ...result, variants })[1]).not.toContain('in flight');
});

test('collapse is not said of requests that a policy refused, nor of a partial failure', () => {
  expect(said(collapse, pick(makeResult(), 'rpc-guarded', 'rpc-bulkhead-40', 'events-48'))).toEqual([]);
  const half = { goodput: 0.4, outcomes: outcomesOf({ ok: 800, timeout: 1200 }) };
  expect(said(collapse, alter(pick(makeResult(), 'rpc-nothing'), 'rpc-nothing', half))).toEqual([]);
});
