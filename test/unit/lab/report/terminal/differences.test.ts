import { expect, test } from 'vitest';
import { overRounds } from '#lab/analysis/over-rounds.ts';
import { differences } from '#lab/report/terminal/comparison.ts';
import type { Result } from '#lab/result/result.ts';
import { alter, makeResult } from '#test/fixtures/result.ts';

const before = makeResult({ variants: 2 });
const experimentWith = (change: Partial<Result['experiment']>): Result => ({
  ...before,
  experiment: { ...before.experiment, ...change },
});

test.each<[string, Result, string[]]>([
  ['nothing', before, []],
  ['the experiment', experimentWith({ name: '02' }), ['Another experiment: 01-burst before, 02 after.']],
  ['its text', experimentWith({ source: 'title: x' }), ['The experiment was edited between the runs.']],
  ['the deadline', experimentWith({ deadlineMs: 500 }), ['deadline: 2\u00a0s before, 500\u00a0ms after, ']],
  ['the seed', experimentWith({ seed: 8 }), ['Another seed: 7 before, 8 after, ']],
  [
    'the machine',
    { ...before, machine: { ...before.machine, cpus: 8 } },
    ['Another machine: 2 × Example CPU @ 2.50GHz before, 8 × Ex'],
  ],
  ['a control', { ...before, withoutFaults: true }, ['the faults of the experiment before, a control']],
  [
    'a simulation',
    { ...before, simulated: true },
    ['run on sockets before, simulated in virtual time after, '],
  ],
  ['slow motion', { ...before, slowMotion: { asked: 4, factor: 4 } }, ['slow motion: 1 before, 4 after, ']],
  ['load agents', { ...before, agents: ['a', 'b'] }, ['Another number of load agents: 0 before, 2 after.']],
  [
    'no load agents of a simulation',
    { ...before, simulated: true, agents: ['a', 'b'] },
    ['Another way of conducting: '],
  ],
  ['Spillway', { ...before, spillway: '9' }, ['Another version of Spillway: 0.1.0 before, 9 after.']],
])('differences names %s', (_what, after, sentences) => {
  expect(differences(before, after)).toEqual(sentences.map((text) => expect.stringContaining(text)));
});

test('differences names the options in which a variant of both runs differs, and no seed of a service', () => {
  const configured = (config: object) => alter(before, 'rpc-guarded', { config: { ...config } });
  expect(
    differences(
      configured({ policies: [{ timeout: { ms: 1 } }], downstream: { seed: 1 } }),
      configured({ policies: [{ timeout: { ms: 2 } }], downstream: { seed: 2 }, more: 1 }),
    ),
  ).toEqual(['rpc-guarded has another configuration: policies.timeout.ms, more.']);
});

test('differences names a variant that only one run has, of one round or of several', () => {
  const other = alter(before, 'rpc-guarded', { name: 'other' });
  const sentences = [
    'Only before, so compared with nothing: other.',
    'Only after, so compared with nothing: rpc-guarded.',
  ];
  expect(differences(other, before)).toEqual(sentences);
  const repeated = (result: Result) => overRounds([result, result], { command: '', durationMs: 0 });
  expect(differences(repeated(other), repeated(before))).toEqual(sentences);
});

test('differences says once that no variant is in both runs', () => {
  const variants = before.variants.map((variant) => ({ ...variant, name: `my-${variant.name}` }));
  expect(differences(before, { ...before, variants })).toEqual([
    'No variant is in both runs, so nothing is compared.',
  ]);
});

test('differences of rounds names options, too, and another number of rounds', () => {
  const rounds = (n: number, config: Record<string, unknown>) =>
    overRounds(Array(n).fill(alter(before, 'rpc-guarded', { config })), { command: '', durationMs: 0 });
  expect(differences(rounds(2, { connections: 1 }), rounds(3, { connections: 2 }))).toEqual([
    'Another number of rounds: 2 before, 3 after.',
    'rpc-guarded has another configuration: connections.',
  ]);
});
