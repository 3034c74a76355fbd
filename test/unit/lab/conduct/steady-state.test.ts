import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { watchSteadyState } from '#lab/conduct/steady-state.ts';
import { storeIn } from '#lab/evidence/folder.ts';
import { recordHeader } from '#load/protocol.ts';
import { parsed } from '#test/fixtures/experiment.ts';
import { testFolder } from '#test/support/folder.ts';

/**
 * Experiment with its first fault at 2,000 ms. The deadline takes 500 ms of this time and the check 500 ms more, so
 * requests of the first 1,000 ms are judged.
 */
const experiment = parsed(`
deadlineMs: 500
load: [{ arrivals: { kind: constant, ratePerSecond: 10, forMs: 3000 } }]
variants:
  open: { path: rpc }
  closed: { path: rpc, callers: 4 }
faults: [{ name: crash, atMs: 2000, forMs: 300, target: gateway, fault: { kind: kill } }]
steadyState: ["goodput > 0.85", "p99 < 60ms"]
`);
const looksAt = { elapsedMs: 1500 };

/** Writes a record of the first second, in which `completed` of ten requests completed after `latencyMs`. */
function recordOf(completed: number, latencyMs = 50, lag = '0'): string {
  const folder = testFolder();
  const lines = Array.from({ length: completed }, (_, i) => `${i},${i * 100},${lag},${latencyMs},ok,200,1`);
  writeFileSync(join(folder, 'requests.csv'), `${[recordHeader, ...lines].join('\n')}\n`);
  return folder;
}

const look = async (folder: string, variant: 'open' | 'closed' = 'open', of = experiment) => {
  const steady = watchSteadyState(of, variant, storeIn(folder));
  steady.recorded(looksAt);
  return (await steady.missed).map(({ text, left }) => [text, left]);
};

test('a steady state is judged by requests scheduled early enough before the first fault', async () => {
  expect(await look(recordOf(9))).toEqual([]);
  expect(await look(recordOf(10, 70))).toEqual([['p99(open, 0..1000ms) < 60ms', 70]]);
});

test('requests without an end by then count as not completed, except in a closed loop', async () => {
  expect(await look(recordOf(8))).toEqual([['goodput(open, 0..1000ms) > 0.85', 0.8]]);
  expect(await look(recordOf(8), 'closed')).toEqual([]);
});

test('an undecided condition is not missed while the latency of an open request is unknown', async () => {
  const of = { ...experiment, steadyState: ['goodput > 0.85', 'amplification < 1.2'] };
  expect(await look(recordOf(9), 'open', of)).toEqual([]);
  const decided = { ...experiment, steadyState: ['amplification < 0.9', 'amplification == 0.8'] };
  expect(await look(recordOf(9), 'open', decided)).toEqual([
    ['amplification(open, 0..1000ms) < 0.9', 0.9],
    ['amplification(open, 0..1000ms) == 0.8', 0.9],
  ]);
});

test('conditions are missed if no request has ended', async () => {
  expect(await look(recordOf(0))).toEqual([
    ['goodput(open, 0..1000ms) > 0.85', 0],
    ['p99(open, 0..1000ms) < 60ms', null],
  ]);
});

test('a condition on a count is left to the end, since counts grow, unless it compares two counts', async () => {
  const steadyState = ['ok > 15', 'ok > 0.95 * offered'];
  expect(await look(recordOf(9), 'open', { ...experiment, steadyState })).toEqual([
    ['ok(open, 0..1000ms) > 0.95 * offered(open, 0..1000ms)', 9],
  ]);
});

test('it is judged only once: when all requests scheduled early enough have ended or are late', async () => {
  const store = storeIn(recordOf(0));
  const steady = watchSteadyState(experiment, 'open', store);
  let missed: unknown;
  void steady.missed.then((found) => {
    missed = found;
  });
  steady.recorded({ elapsedMs: 1499 });
  await new Promise(setImmediate);
  expect(missed).toBeUndefined();
  steady.recorded(looksAt);
  steady.recorded({ elapsedMs: 1750 });
  expect(await steady.missed).toHaveLength(2);
});

test.each([
  ['nothing is said of it', { steadyState: [] }],
  ['the first fault leaves too little time to look', { deadlineMs: 1001 }],
])('no condition is missed where %s', async (_where, change) => {
  expect(await watchSteadyState({ ...experiment, ...change }, 'open', storeIn('nowhere')).missed).toEqual([]);
});

test('a record that can not be read is an error', async () => {
  await expect(look('/nowhere')).rejects.toThrow('/nowhere/requests.csv');
});
