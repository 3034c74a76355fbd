import { expect, test } from 'vitest';
import { caution, injectedFaults, possibleCause, saturation } from '#lab/report/conclusion/caveats.ts';
import { collapse } from '#lab/report/conclusion/losses.ts';
import { html } from '#lab/report/html.ts';
import { conclusionsOf, conclusionsSection } from '#lab/report/section/conclusions.ts';
import type { Result } from '#lab/result/result.ts';
import { type FaultResult, leftAlone } from '#lab/result/result.ts';
import { alter, makeResult, pick } from '#test/fixtures/result.ts';
import { said } from '#test/fixtures/said.ts';

test('caution names what made a measurement invalid', () => {
  expect(said(caution, makeResult({ status: 'invalid' }))).toEqual([
    'bad: The measurement is invalid: treat the rest as a hint',
    'Validity checks failed (send lag p99), so the testbed may have caused what follows.',
  ]);
});

test.each([
  ['error', 'An error ended the run early; the figures cover what was measured until then.'],
  ['interrupted', 'The run was interrupted early; the figures cover what was measured until then.'],
] as const)('caution says that a run with %s is a part', (status, point) => {
  expect(said(caution, makeResult({ status }))).toEqual(['bad: The run is incomplete', point]);
});

test.each(['error', 'interrupted'] as const)(
  'caution says that a run with %s in its first variant has no figures',
  (status) => {
    const blank = makeResult({ status, variants: 0 });
    const rounds = [{ seed: 7, status, variants: [] }];
    for (const result of [blank, { ...blank, rounds }])
      expect(said(caution, result)[1]).toMatch(/before any variant ended, so there are no figures\.$/);
  },
);

test.each(['held', 'failed'] as const)('caution has nothing against a result that %s', (status) => {
  expect(said(caution, makeResult({ status }))).toEqual([]);
});

test('saturation names variant, process and how late it ran', () => {
  expect(said(saturation, makeResult())).toEqual([
    'note: A process reached its own limit',
    'A late process adds its own latency and timeouts. Its delay at p99: rpc-retries: gateway 96.2 ms.',
  ]);
});

test('saturation says of a generator that ran late what its lag was', () => {
  const result = makeResult({ variants: 1 });
  const { self } = result.variants[0]!;
  const processes = self.processes.map((each) => ({ ...each, saturated: each.name === 'generator' }));
  const late = { ...self, lag: { ...self.lag, p99Ms: 40 }, processes };
  expect(said(saturation, alter(result, 'rpc-guarded', { self: late }))[1]).toMatch(
    /rpc-guarded: generator 40 ms\.$/,
  );
});

test('saturation says nothing if every process kept up', () => {
  expect(said(saturation, pick(makeResult(), 'rpc-guarded', 'events-16'))).toEqual([]);
});

const fault = (target: string, state: string, fromMs = 1000): FaultResult => ({
  name: 'f',
  target,
  state,
  onPath: true,
  asked: { fromMs, untilMs: fromMs + 500 },
  took: { fromMs, untilMs: fromMs + 720 },
});

/** Returns a result of these variants, each with the same faults. */
const affected = (names: string[], ...all: FaultResult[]): Result =>
  names.reduce((result, name) => alter(result, name, { faults: all }), pick(makeResult(), ...names));

test('injectedFaults lists the faults, with their times and variants', () => {
  const everywhere = affected(['rpc-guarded', 'events-8'], fault('downstream', 'paused'));
  expect(said(injectedFaults, everywhere)).toEqual([
    'note: Faults were injected',
    'downstream was paused from 1 s to 1.72 s in every variant.',
  ]);
  const rpc = affected(
    ['rpc-guarded', 'events-8'],
    fault('gateway', 'killed'),
    fault('gateway', 'killed', 2000),
  );
  expect(said(injectedFaults, alter(rpc, 'events-8', { faults: [] }))[1]).toBe(
    'gateway was killed from 1 s to 1.72 s and from 2 s to 2.72 s; rpc-guarded passes it and events-8 does not, so the fault may explain a difference between them.',
  );
});

test('injectedFaults says nothing without a fault on the path', () => {
  expect(said(injectedFaults, makeResult())).toEqual([]);
  expect(said(injectedFaults, affected(['rpc-guarded']))).toEqual([]);
  const crash = fault('consumer', 'killed');
  const harmless = [
    { ...crash, onPath: false },
    { ...crash, took: null },
  ];
  expect(said(injectedFaults, affected(['rpc-guarded'], ...harmless))).toEqual([]);
});

test('possibleCause names one or two faults, and counts more', () => {
  const cause = (...all: FaultResult[]) => possibleCause(affected(['rpc-guarded', 'rpc-nothing'], ...all));
  const [a, b, c] = [fault('gateway', 'killed'), fault('downstream', 'paused'), fault('gateway', 'stopped')];
  expect(cause()).toBeNull();
  expect(cause(a, a)).toBe('In this run gateway was killed, which can be a cause of what follows.');
  expect(cause(a, b)).toMatch(/^In this run gateway was killed and downstream was paused, which/);
  expect(cause(a, b, c)).toMatch(/^In this run 3.faults were injected, which/);
});

test('conclusionsSection names the faults once, above the conclusions', () => {
  const section = (...all: FaultResult[]) =>
    conclusionsSection(affected(['rpc-guarded', 'rpc-nothing'], ...all))!;
  const { lead, body } = section(fault('gateway', 'killed'));
  expect(html`${lead ?? null}`.text).toMatch(/^In this run gateway was killed, .*\. Each sentence follows/);
  expect(html`${body}`.text.match(/gateway was killed/g)).toHaveLength(1); // in its own conclusion
  expect(html`${section().lead ?? null}`.text).toMatch(/^Each sentence follows/);
});

test('conclusionsOf a control reports no fault, since none was injected', () => {
  const titles = (result: Result) => conclusionsOf(result).map(({ title }) => title);
  const names = ['rpc-guarded', 'rpc-nothing'];
  expect(titles(affected(names, fault('gateway', leftAlone)))).toEqual(titles(affected(names)));
});

test('collapse does not blame the load alone when a fault was active', () => {
  expect(said(collapse, affected(['rpc-nothing']))[1]).toMatch(/the load alone is too high/);
  expect(said(collapse, affected(['rpc-nothing'], fault('gateway', 'killed')))[1]).not.toMatch(/load alone/);
});

test('collapse after a fault names the window, and leaves it to recovery to say who never recovers', () => {
  const [whole, name] = [pick(makeResult(), 'rpc-retries'), 'rpc-retries'];
  const [variant] = whole.variants;
  const after = { ...variant!, name: 'after f', span: { fromMs: 1720, untilMs: 5000 } };
  const recovering = { faults: [fault('downstream', 'paused')], windows: [after] };
  expect(said(collapse, alter(whole, name, { ...recovering, goodput: 0.34 }))).toEqual([
    'bad: The system collapses',
    expect.stringMatching(/^rpc-retries after f: /),
  ]);
});
