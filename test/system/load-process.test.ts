import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { Generator } from '#lab/world/generator.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { isStopped } from '#lab/world/process/proc.ts';
import type { Report } from '#load/protocol.ts';
import { testFolder } from '#test/support/folder.ts';
import { listening } from '#test/support/listening.ts';
import { until } from '#test/support/until.ts';

const main = fileURLToPath(new URL('../../load/main.ts', import.meta.url));

/** Starts a server that never answers. Resolves with its URL. */
const deaf = async () =>
  `http://127.0.0.1:${await listening(createServer((socket) => socket.on('error', () => undefined)))}`;

/** Starts the generator as a process. `run` starts a run that never ends, and `reportOf` waits for a report. */
async function start() {
  const child = spawn(process.execPath, [main], { stdio: ['pipe', 'pipe', 'inherit'] });
  const reports: Report[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => reports.push(JSON.parse(line)));
  const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const run = {
    do: 'run',
    path: 'rpc',
    url: await deaf(),
    connections: 10,
    seed: 1,
    deadlineMs: 1000,
    drainMs: 60_000,
    recordFile: '/dev/null',
    classes: {},
    load: [{ arrivals: { kind: 'constant', ratePerSecond: 10, forMs: 60_000 } }],
  };
  const reportOf = (kind: Report['report']) =>
    vi.waitUntil(() => reports.find(({ report }) => report === kind), { timeout: 60_000 });
  return { child, reports, ended, reportOf, run: () => child.stdin.write(`${JSON.stringify(run)}\n`) };
}

describe("the generator's process", () => {
  test.each(['SIGTERM', 'end of stdin'] as const)(
    '%s in the middle of a run, also after an invalid command: reports what was measured, and ends',
    async (how) => {
      const { child, reports, ended, reportOf, run } = await start();
      child.stdin.write('jump\n');
      await reportOf('error');
      run();
      await reportOf('progress');
      if (how === 'end of stdin') child.stdin.end();
      else child.kill(how);
      expect(await ended).toBe(0);
      expect(reports.at(-1)).toMatchObject({ report: 'ended', planned: 600 });
    },
  );

  test('ends when its reader has closed', async () => {
    const { child, ended, reportOf, run } = await start();
    run();
    await reportOf('progress');
    child.stdout.destroy();
    expect(await ended).toBe(0);
  });
});

const target = { path: 'rpc', url: 'http://127.0.0.1:1', connections: 1 } as const;

/** Starts a generator as the lab does. Resolves with its handle and its pid once the process has answered. */
async function held(clock?: VirtualClock) {
  const guard = new Guard();
  onTestFinished(() => guard.release());
  const guarded = vi.spyOn(guard, 'process');
  const generator = new Generator({ logFile: join(testFolder(), 'generator.log'), guard }, clock);
  const warm = () => generator.warm({ ...target, requests: 0, concurrency: 1 });
  await warm().catch(() => undefined); // an error, too, shows that the process is up
  return { generator, warm, pid: guarded.mock.calls[0]![0].pid! };
}

const exists = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('Generator.stop ends a process that hangs', async () => {
  const clock = new VirtualClock();
  const { generator, pid } = await held(clock);
  process.kill(pid, 'SIGSTOP');
  const stopping = generator.stop();
  await clock.advance(10_000);
  await stopping;
  expect(exists(pid)).toBe(false);
});

test('Generator.run ends by name when its process hangs, and no sooner', async () => {
  const clock = new VirtualClock();
  const { generator, pid } = await held(clock);
  onTestFinished(() => generator.stop());
  const url = await deaf();
  const started = Promise.withResolvers<number>();
  const load = [{ arrivals: { kind: 'constant' as const, ratePerSecond: 1, forMs: 60_000 } }];
  const ending = generator
    .run(
      {
        ...target,
        url,
        seed: 1,
        deadlineMs: 1000,
        drainMs: 1000,
        recordFile: '/dev/null',
        load,
        classes: {},
      },
      { started: started.resolve },
    )
    .catch((error) => error);
  await Promise.race([started.promise, ending]);
  process.kill(pid, 'SIGSTOP');
  onTestFinished(() => void process.kill(pid, 'SIGKILL'));
  await until(() => isStopped(pid));
  await clock.advance(29_999);
  expect(clock.pending).toBe(1);
  await clock.advance(1);
  expect(await ending).toMatchObject({ name: 'generator-silent' });
  expect(clock.pending).toBe(0);
});
