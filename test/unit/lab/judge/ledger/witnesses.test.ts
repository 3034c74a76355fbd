import { expect, test } from 'vitest';
import { measure } from '#lab/judge/measure.ts';
import type { Observation } from '#lab/judge/observation/observation.ts';
import { experiment, observation } from '../observation.ts';

const measured = (name: 'calls' | 'events', more: Partial<Observation> = {}) =>
  measure(experiment, observation(name, more), [100]).variant;

test('measure says which process was restarted, and which counts could not be compared', () => {
  const { self, ledger } = measured('calls', { restarted: ['gateway'], foreign: ['downstream'] });
  expect(self.processes.map(({ name, restarted }) => [name, restarted])).toEqual([
    ['generator', false],
    ['gateway', true],
  ]);
  expect(ledger.checks.map(({ note }) => note)).toEqual(
    expect.arrayContaining([
      expect.stringContaining('gateway was restarted'),
      expect.stringContaining("downstream is not Spillway's"),
    ]),
  );
});

test('measure lets a counter exceed what the load explains where the rest of a warm-up has moved it', () => {
  const { checks } = measured('calls', { unfinishedWarmUp: 1 }).ledger;
  const said = checks.filter(({ note }) => note.endsWith('the rest of the warm-up'));
  expect(said.map(({ ok }) => ok)).toEqual(new Array(11).fill(true));
});

test.each([
  [1, false],
  [2, true],
])('measure lets a counter exceed the load by %d belated effects of a warm-up: %s', (belated, ok) => {
  const { effects } = observation('calls');
  const { checks } = measured('calls', { effects: { ...effects, belated, belatedUntilMs: 0 } }).ledger;
  expect(checks.find(({ name }) => name === 'the gateway answered no more than was sent')?.ok).toBe(ok);
});
