import { expect, test } from 'vitest';
import { caution, saturation } from '#lab/report/conclusion/caution.ts';
import { alter, makeResult, pick } from '#test/fixtures/result.ts';
import { said } from '#test/fixtures/said.ts';

test('caution names what made a measurement invalid', () => {
  expect(said(caution, makeResult({ status: 'invalid' }))).toEqual([
    'bad: Read the rest as a hint, not as a finding',
    "The measurement itself was off (send lag p99), so what follows may be the testbed's doing.",
  ]);
});

test.each([
  ['error', 'An error ended the run early; the figures cover what was measured until then.'],
  ['interrupted', 'The run was interrupted early; the figures cover what was measured until then.'],
] as const)('caution says that a run with %s is a part', (status, point) => {
  expect(said(caution, makeResult({ status }))).toEqual(['bad: This is a part of the experiment', point]);
});

test.each(['held', 'failed'] as const)('caution has nothing against a result that %s', (status) => {
  expect(said(caution, makeResult({ status }))).toEqual([]);
});

test('saturation names variant, process and how late it ran', () => {
  expect(said(saturation, makeResult())).toEqual([
    'note: A process reached its own limit',
    'Where a process runs late, latency and timeouts are partly its own doing. At p99 it was: rpc-retries: gateway 96.2 ms.',
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

test('saturation says nothing where every process kept up', () => {
  expect(said(saturation, pick(makeResult(), 'rpc-guarded', 'events-16'))).toEqual([]);
});
