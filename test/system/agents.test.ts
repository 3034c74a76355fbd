import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { processFleet } from '#lab/agents/fleet.ts';
import { discoverySubject } from '#lab/agents/nats.ts';
import { stopping } from '#lab/cli/interrupt.ts';
import { countedExperiment } from '#test/fixtures/counted.ts';
import {
  commandLineOf,
  gone,
  marker,
  processOf,
  spillway,
  survivors,
  withMarker,
} from '#test/support/marked.ts';
import { withNats } from '#test/support/nats.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { accounted } from '#test/support/run-text.ts';
import { resultIn, writeCalls } from '#test/support/small-run.ts';
import { until } from '#test/support/until.ts';

withMarker();
const nats = withNats();
const run = pooledRuns();

/** Returns the record without its times of real work, in the order of the requests. */
const endsIn = (folder: string): string[][] =>
  readFileSync(join(folder, 'variants', 'it', 'requests.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').filter((_, column) => column !== 2 && column !== 3))
    .sort(([a], [b]) => Number(a) - Number(b));

describe('several agents', () => {
  test.each(['rpc', 'event'] as const)(
    'end each request of the path %s like a single generator does, and the ledger balances',
    async (path) => {
      const policies = [{ retry: { maxRetries: 1, backoff: { kind: 'constant', delayMs: 5 } } }];
      const consumer = { redelivery: { maxRetries: 1, backoff: { kind: 'constant', delayMs: 5 } } };
      const it = path === 'rpc' ? { path, policies } : { path, policies: [], consumer };
      const text = countedExperiment({
        deadlineMs: 20_000,
        drainMs: 20_000,
        load: [{ arrivals: { kind: 'poisson', ratePerSecond: 150, forMs: 2000 } }],
        downstream: { model: { kind: 'fixed', latencyMs: 5, failureRatio: 0.3 } },
        variants: { it },
      });
      const [alone, together] = [run.newFolder(), run.newFolder()];
      const single = await run(text, { folder: alone });
      const merged = await run(text, { folder: together, openGenerator: processFleet(3).open });
      const { offered, outcomes } = accounted(single, endsIn(alone).length);
      expect(accounted(merged, offered)).toMatchObject({ offered, outcomes });
      expect(Object.values(outcomes).filter((count) => count > 0)).toHaveLength(2);
      expect(endsIn(together)).toEqual(endsIn(alone));
    },
  );

  test('run --agents with fewer connections or callers than agents ends with 104, and starts nothing', async () => {
    const file = writeCalls(300);
    const { code, stderr } = await spillway(['run', '--agents', '51', file]).ended();
    expect(stderr).toMatch(/small\.yaml:4:\d+: .*expected at least 51, one for each load agent, got 50/);
    expect(code).toBe(104);
    expect(survivors()).toEqual([]);
  });

  test('run --agents ends with 90 when an agent is killed, names it, and leaves nothing running', async () => {
    const running = spillway(['run', '--no-predict', '--verbose', '--agents', '2', writeCalls(60_000)]);
    await running.said(/calls: run/);
    process.kill(await processOf(/\/generator\.js/), 'SIGKILL');
    const { code, stdout } = await running.ended();
    expect(code).toBe(90);
    expect(stdout).toContain('agent-lost in calls');
    const message = expect.stringMatching(/^the load agent agent-[12] was killed by SIGKILL; see /);
    expect(resultIn(running.out)).toMatchObject({
      status: 'invalid',
      agents: ['agent-1', 'agent-2'],
      errors: [{ name: 'agent-lost', message, variant: 'calls' }],
    });
    expect(survivors()).toEqual([]);
  });
});

/** Starts an agent as a command, and waits until it has joined. */
async function joined(name: string) {
  const agent = spillway(['agent', '--at', nats.url, '--name', name]);
  await agent.said(/has joined at/);
  return agent;
}

const runJoined = (forMs: number, ...more: string[]) =>
  spillway(['run', '--verbose', '--no-predict', '--agents-at', nats.url, ...more, writeCalls(forMs)]);

describe('agents that have joined', () => {
  test('offer the load of a run, whose result names them, and leave on Ctrl-C', async () => {
    const agents = [await joined('left'), await joined('right')];
    const running = runJoined(300, '--agents', '2');
    const { code, stdout } = await running.ended();
    expect(code).toBe(0);
    expect(stdout).toContain('2 agents offered the load: left, right');
    expect(resultIn(running.out)).toMatchObject({ agents: ['left', 'right'], variants: [{ offered: 15 }] });
    for (const agent of agents) agent.interrupt();
    for (const agent of agents) {
      const { code, stderr } = await agent.ended();
      expect(stderr).toMatch(/works for the lab on .*\n.* is free\n.* has left\n$/);
      expect(code).toBe(0);
    }
    expect(survivors()).toEqual([]);
  });
});

describe('agents that have joined, in trouble', () => {
  test('one that is killed makes the run invalid, by name; the other one is free again', async () => {
    const [left, right] = [await joined('left'), await joined('right')];
    const running = runJoined(60_000);
    await running.said(/calls: run/);
    left.child.kill('SIGKILL');
    const { code, stdout } = await running.ended();
    expect(code).toBe(90);
    expect(stdout).toContain('agent-lost in calls');
    const message = `the load agent left is gone from ${nats.url}`;
    expect(resultIn(running.out).errors).toMatchObject([{ name: 'agent-lost', message }]);
    await right.said(/right is free/);
    right.interrupt();
    expect((await right.ended()).code).toBe(0);
    await gone();
  });

  test('one that leaves makes the run invalid, by name', async () => {
    const left = await joined('left');
    const running = runJoined(60_000);
    await running.said(/calls: run/);
    left.interrupt();
    expect((await running.ended()).code).toBe(90);
    const message = 'the load agent left stopped during the run: it left';
    expect(resultIn(running.out).errors).toMatchObject([{ name: 'agent-lost', message }]);
    expect((await left.ended()).code).toBe(0);
    expect(survivors()).toEqual([]);
  });

  test('a server that disappears makes the run invalid; agents wait for it, and work again', async () => {
    const left = await joined('left');
    const running = runJoined(60_000);
    await running.said(/calls: run/);
    await nats.kill();
    expect((await running.ended()).code).toBe(90);
    const message = `the NATS server of the load agents at ${nats.url} is gone, and with it left`;
    expect(resultIn(running.out).errors).toMatchObject([{ name: 'agent-lost', message }]);
    await left.said(/has lost the server .*\n(.*\n)*left is free/);
    await until(() => survivors().every((pid) => !/generator\.js/.test(commandLineOf(pid))));
    await nats.restart();
    await left.said(/has joined again/);
    expect((await runJoined(300, '--out', join(marker, 'again')).ended()).code).toBe(0);
    left.interrupt();
    expect((await left.ended()).code).toBe(0);
  });

  test('are free again within seconds when their lab is killed', async () => {
    const left = await joined('left');
    const running = runJoined(60_000);
    await running.said(/calls: run/);
    running.child.kill('SIGKILL');
    await left.said(
      /has received nothing from the lab on .* for 5 s, and stops its work\n(.*\n)*left is free/,
    );
    left.interrupt();
    expect((await left.ended()).code).toBe(0);
    await gone();
  });
});

test('a wrong experiment is reported before the run waits for agents', async () => {
  const file = writeCalls(300, 'hypothesis: [goodput(nobody) > 1]');
  const { code, stderr } = await spillway(['run', '--agents-at', nats.url, '--agents', '2', file]).ended();
  expect(stderr).toMatch(/small\.yaml:\d+:\d+: .*nobody/);
  expect(code).toBe(104);
});

test('a run that is interrupted while it waits for agents ends with 105, and claims none', async () => {
  const left = await joined('left');
  const asked = (await nats.connect()).subscribe(discoverySubject);
  const running = runJoined(300, '--agents', '2');
  await asked[Symbol.asyncIterator]().next();
  running.interrupt();
  const { code, stderr } = await running.ended();
  expect(stderr).toBe(`${stopping}\n`);
  expect(code).toBe(105);
  left.interrupt();
  expect((await left.ended()).stderr).not.toContain('works for');
  expect(survivors()).toEqual([]);
});

describe('agents that are in use', () => {
  test('are refused to a second lab, which ends with 104 and names the first', async () => {
    const left = await joined('left');
    const first = runJoined(60_000);
    await first.said(/calls: run/);
    const { code, stderr } = await runJoined(300).ended();
    expect(stderr).toMatch(
      /^the load agents at .* are busy: left works for the lab on .* \(process \d+\)\n$/,
    );
    expect(code).toBe(104);
    first.interrupt();
    expect((await first.ended()).code).toBe(105);
    await left.said(/left is free/);
    left.interrupt();
    await left.ended();
    expect(survivors()).toEqual([]);
  });

  test('agent refuses a name that is taken, and a variable that is missing', async () => {
    const left = await joined('left');
    const same = await spillway(['agent', '--at', nats.url, '--name', 'left']).ended();
    expect(same).toMatchObject({ code: 104, stderr: expect.stringContaining('choose another --name') });
    const missing = await spillway(['agent', '--at', nats.url, '--env', 'SPILLWAY_NO_SUCH']).ended();
    expect(missing).toMatchObject({ code: 104, stderr: '--env: missing variable SPILLWAY_NO_SUCH\n' });
    left.interrupt();
    await left.ended();
    expect(survivors()).toEqual([]);
  });
});
