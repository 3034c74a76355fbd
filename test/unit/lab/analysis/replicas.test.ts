import { expect, test } from 'vitest';
import { measure } from '#lab/analysis/measure.ts';
import { experiment, observation } from './observation.ts';

test('measure lists each process of a service by its name, and names the one that was restarted beside its counts', () => {
  const each = new Map([
    ['gateway-1', new Map([['process_cpu_seconds_total', 1]])],
    ['gateway-2', new Map([['process_cpu_seconds_total', 2]])],
    ['publisher', new Map()],
    ['downstream', new Map()],
  ] as const);
  const { self, ledger } = measure(
    experiment,
    observation('calls', { each, restarted: ['gateway-2'] }),
    [100],
  );
  expect(self.processes.map(({ name, cpuMs, restarted }) => [name, cpuMs, restarted])).toEqual([
    ['generator', 120, false],
    ['gateway-1', 1000, false],
    ['gateway-2', 2000, true],
    ['downstream', 0, false],
  ]);
  const notes = ledger.checks.map(({ note }) => note);
  expect(notes).toContainEqual(expect.stringContaining('gateway-2 was restarted'));
});
