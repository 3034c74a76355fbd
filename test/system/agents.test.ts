import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processFleet } from '#lab/agents/fleet.ts';
import { joinedFleet } from '#lab/agents/joined.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';
import { ownChildren } from '#test/support/children.ts';
import { commandLineOf, spillway, survivors, withMarker } from '#test/support/marked.ts';
import { withNats } from '#test/support/nats.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { accountedEach } from '#test/support/run-text.ts';
import { resultIn, writeCalls } from '#test/support/small-run.ts';

withMarker();
const nats = withNats();
const run = pooledRuns();

/** Returns the record without its times of real work, in the order of the requests. */
const endsIn = (folder: string, variant: string): string[][] =>
  readFileSync(join(folder, 'variants', variant, 'requests.csv'), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').filter((_, column) => column !== 2 && column !== 3))
    .sort(([a], [b]) => Number(a) - Number(b));

test('several agents end each request like a single generator does, and the ledger balances', async () => {
  const retry = { maxRetries: 1, backoff: { kind: 'constant', delayMs: 5 } };
  const text = countedExperiment({
    deadlineMs: 20_000,
    drainMs: 20_000,
    load: [{ arrivals: { kind: 'poisson', ratePerSecond: 100, forMs: 1000 } }],
    downstream: { model: { kind: 'fixed', latencyMs: 5, failureRatio: 0.3 } },
    variants: {
      rpc: { path: 'rpc', policies: [{ retry }] },
      event: { path: 'event', policies: [], consumer: { redelivery: retry } },
    },
  });
  const [alone, together] = [run.newFolder(), run.newFolder()];
  const single = await run(text, { folder: alone });
  const merged = await run(text, { folder: together, openGenerator: processFleet(3).open });
  const { length } = endsIn(alone, 'rpc');
  const outcomes = accountedEach(single, length).map((variant) => variant.outcomes);
  expect(accountedEach(merged, length).map((variant) => variant.outcomes)).toEqual(outcomes);
  for (const counts of outcomes) expect(Object.values(counts).filter((count) => count > 0)).toHaveLength(2);
  for (const variant of ['rpc', 'event']) expect(endsIn(together, variant)).toEqual(endsIn(alone, variant));
});

test('a run whose agent is killed is invalid, names the agent, and leaves none running', async () => {
  const generators = () => ownChildren().filter((pid) => /generator\.js/.test(commandLineOf(pid)));
  let killed: number | undefined;
  const { status, errors } = await run(
    countedExperiment({ load: constant(10, 600_000), variants: { calls: { path: 'rpc', policies: [] } } }),
    {
      openGenerator: processFleet(2).open,
      onProgress: ({ stage }) => {
        if (stage !== 'run' || killed !== undefined) return;
        killed = generators()[0]!;
        process.kill(killed, 'SIGKILL');
      },
    },
  );
  const message = expect.stringMatching(/^the load agent agent-[12] was killed by SIGKILL; see /);
  expect(errors).toEqual([{ name: 'agent-lost', message, variant: 'calls' }]);
  expect(status).toBe('invalid');
  await expect.poll(generators).toEqual([]);
});

/** Starts an agent as a command, and waits until it has joined. */
async function joined(name: string) {
  const agent = spillway(['agent', '--at', nats.url, '--name', name]);
  await agent.said(/has joined at/);
  return agent;
}

test('agents that have joined offer the load of a run, whose result names them, and leave on Ctrl-C', async () => {
  const agents = [await joined('left'), await joined('right')];
  const running = spillway([
    'run',
    '--no-predict',
    '--agents-at',
    nats.url,
    '--agents',
    '2',
    writeCalls(300),
  ]);
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

test('an agent refuses a name that is taken, and is free and waits when its server is gone', async () => {
  const left = await joined('left');
  const same = await spillway(['agent', '--at', nats.url, '--name', 'left']).ended();
  expect(same).toMatchObject({ code: 104, stderr: expect.stringContaining('choose another --name') });

  const fleet = await joinedFleet({ url: nats.url });
  await left.said(/works for the lab on/);
  await nats.kill();
  await left.said(/has lost the server .*\n(.*\n)*left is free/);
  await fleet.release();
  await nats.restart();
  await left.said(/has joined again/);
  left.interrupt();
  expect((await left.ended()).code).toBe(0);
  expect(survivors()).toEqual([]);
});
