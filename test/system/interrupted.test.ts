import { execFileSync } from 'node:child_process';
import { closeSync, existsSync, globSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { whilePaused } from '#consumer/config.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { isStopped } from '#lab/world/process/proc.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { marker, processOf, spillway, survivors, withMarker } from '#test/support/marked.ts';
import { until } from '#test/support/until.ts';

withMarker();

const fault = (target: string, kind: string, options: object = {}) => ({
  name: `${kind}-${target.replace('->', '-')}`,
  atMs: 300,
  forMs: 60_000,
  target,
  fault: { kind, ...options },
});

/** Starts a run of a minute, in which these faults are active from the start. */
async function startWith(faults: readonly object[]) {
  const file = join(marker, 'broken.yaml');
  const load = constant(20, 60_000);
  const warmup = { requests: 20, concurrency: 5 };
  // The variant `other` never runs. It is there so that the testbed has a gateway.
  const variants = { it: onPath('event', 200), other: onPath('rpc', 200) };
  writeFileSync(file, countedExperiment({ load, warmup, drainMs: 5000, variants, faults }));
  const run = spillway(['run', '--no-predict', '--verbose', file]);
  const fileOf = (path: string) => globSync(join(run.out, 'broken', '*', path))[0]!;
  // Keeps the testbed running while `interrupt` checks it. The lab stops the testbed only after the generator's log is
  // written. Here the log is a pipe, so the lab waits until `interrupt` reads from it.
  const logs = await until(
    () => globSync(join(run.out, 'broken', '*', 'logs'))[0],
    'a folder for logs',
    60_000,
  );
  const pipe = join(logs, 'generator.log');
  execFileSync('mkfifo', [pipe]);
  /** Requests a path from a process's control port. A process that is restarted keeps its port. */
  const asked = async (name: string, path: string): Promise<string> => {
    const port = /"control":(\d+)/.exec(readFileSync(fileOf(`logs/${name}.log`), 'utf8'))![1];
    return await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
  };
  const isCleared = async () => {
    const ready = ['downstream', 'gateway', 'publisher', 'consumer'].map((name) => asked(name, '/readyz'));
    const active = ['downstream', 'netproxy'].map((name) => asked(name, '/faults'));
    const isThere = (answer: string) => {
      const { status, detail } = JSON.parse(answer);
      // The lab leaves the consumer paused if the generator ended before all faults were cleared.
      return status === 'ready' || detail === whilePaused;
    };
    return (
      (await Promise.all(ready)).every(isThere) && (await Promise.all(active)).every((list) => list === '[]')
    );
  };
  return {
    run,
    asked,
    /** Interrupts the run as Ctrl-C does. Expects all faults to be cleared before any process of the testbed stops. */
    async interrupt(): Promise<void> {
      run.interrupt('SIGINT');
      await until(() => isCleared().catch(() => false), 'all faults are cleared', 60_000);
      const reader = openSync(pipe, 'r+'); // 'r' would block until the pipe has a writer
      const { code } = await run.ended();
      closeSync(reader);
      const { status, errors } = JSON.parse(readFileSync(fileOf('result.json'), 'utf8')) as Result;
      // A fault that could not be cleared would be another error.
      expect(errors).toMatchObject([{ name: 'interrupted', variant: 'it' }]);
      expect([status, code]).toEqual(['interrupted', 105]);
      expect(existsSync(fileOf('report.html'))).toBe(true);
      expect(survivors()).toEqual([]);
    },
  };
}

test('a Ctrl-C clears simultaneous faults that block most processes, and restarts a process that needs another first', async () => {
  const { run, asked, interrupt } = await startWith([
    fault('nats', 'kill'),
    fault('downstream', 'latency', { added: { kind: 'fixed', ms: 20 } }),
    fault('downstream', 'failure', { ratio: 0.5 }),
    fault('publisher', 'kill'), // can't start while the broker is killed
    fault('gateway', 'stop'),
    fault('consumer', 'pause'),
    fault('load->gateway', 'reset'),
    fault('publisher->nats', 'latency', { latencyMs: 20 }),
    fault('consumer->nats', 'blackhole', { stream: 'upstream' }),
    fault('consumer->downstream', 'latency', { latencyMs: 20, jitterMs: 5 }),
  ]);
  await run.said(/it: warm-up/);
  const [nats, publisher, gateway, consumer] = await Promise.all(
    [/^\S*nats-server /, /\/publisher\.js/, /\/gateway\.js/, /\/consumer\.js/].map(processOf),
  );
  await run.said(/it: run/);
  const ended = (pid: number) => !survivors().includes(pid);
  await until(() => [nats!, publisher!, gateway!].every(ended), 'three have ended');
  await until(() => isStopped(consumer!), 'one stands still');
  for (const [name, count] of [
    ['downstream', 2],
    ['netproxy', 4],
  ] as const)
    await until(async () => JSON.parse(await asked(name, '/faults')).length === count, `faults of ${name}`);
  await interrupt();
});
