import { expect, onTestFinished, test } from 'vitest';
import { explorerOn, type Request, type Timed } from '#lab/explore/explorer.ts';
import { sampleOf } from '#lab/explore/sample.ts';
import { openSubject, type SubjectOptions } from '#lab/explore/subject.ts';
import { Threads } from '#lab/explore/threads.ts';
import { labProgram } from '#lab/world/process/programs.ts';

const source = `title: Pooled
deadlineMs: 1000
load: [{ arrivals: { kind: poisson, ratePerSecond: 400, forMs: 500 } }]
variants:
  calls: { path: rpc, policies: [{ timeout: { ms: 100 } }] }
  others: { path: rpc, policies: [{ bulkhead: { concurrency: 5 } }] }
hypothesis: [goodput(calls) > 0.5, goodput(others) > 0.5]
`;
const name = 'calls';
const options = { text: { name: 'pooled', file: 'pooled.yaml', source }, only: [name] };

const startPool = (data: SubjectOptions, size: number) =>
  new Threads<Request, Timed>(labProgram('explorer-thread'), { data, size });

function pooled(threads = 1) {
  const pool = startPool(options, threads);
  onTestFinished(() => pool.close());
  return { pool, subject: openSubject(options) };
}

test('a pool simulates in threads what a simulation here gives, with changes and seeds, or rejects with its problem', async () => {
  const { pool, subject } = pooled(2);
  const changes = new Map([['/deadlineMs', 700]]);
  const [threaded, again, other] = await Promise.all([
    pool.ask({ changes, seed: 3 }),
    pool.ask({ changes, seed: 3 }),
    pool.ask({ changes: new Map(), seed: 4 }),
  ]);
  await expect(pool.ask({ changes: new Map([['/deadlineMs', -1]]), seed: 1 })).rejects.toThrow(
    /deadlineMs: expected a number/,
  );
  const here = await sampleOf(subject.with(changes), 3);
  expect(threaded!.sample).toEqual(here);
  expect(again!.sample).toEqual(here);
  expect(here.problem).toBeUndefined();
  expect(new Set(here.figures.map(({ variant }) => variant))).toEqual(new Set([name]));
  expect(other!.sample.figures).not.toEqual(here.figures);
});

/** Simulates an experiment with a drain of 500 ms in a thread and here. */
async function bothWays(lines: readonly string[]) {
  const own = {
    text: { name: 'drained', file: 'drained.yaml', source: ['title: Drained', ...lines].join('\n') },
  };
  const pool = startPool(own, 1);
  onTestFinished(() => pool.close());
  const [{ sample }, here] = await Promise.all([
    pool.ask({ changes: new Map(), seed: 1 }),
    sampleOf(openSubject(own).file, 1),
  ]);
  return { sample, here };
}

test('a pool waits for events no longer than drainMs of the file', async () => {
  const { sample, here } = await bothWays([
    'deadlineMs: 500',
    'drainMs: 500',
    'load: [{ arrivals: { kind: constant, ratePerSecond: 40, forMs: 2000 } }]',
    'downstream: { model: { kind: fixed, latencyMs: 50 } }',
    'variants: { events: { path: event, consumer: { concurrency: 1 }, policies: [] } }',
    'hypothesis: [pending(events) == 0]',
  ]);
  expect(sample.hypotheses[0]!.left).toBeGreaterThan(10);
  expect(sample).toEqual(here);
});

test('explorerOn rejects with the reason of an abort, and simulates a point and seed once', async () => {
  const { pool, subject } = pooled();
  const controller = new AbortController();
  await pool.during(controller.signal, async () => {
    const explorer = explorerOn(pool, [subject.field('load*', '--vary')]);
    const known = await explorer.sample([1], 1);
    expect(await explorer.sample([1], 1)).toBe(known);
    const pending = expect(explorer.sample([0.5], 1)).rejects.toThrow('stopped');
    controller.abort(new Error('stopped'));
    await pending;
    await expect(explorer.sample([0.7], 1)).rejects.toThrow('stopped');
  });
});
