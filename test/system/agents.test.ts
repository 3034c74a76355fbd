import { expect, test } from 'vitest';
import { processFleet } from '#lab/world/agents/fleet.ts';
import { joinedFleet } from '#lab/world/agents/joined.ts';
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

test('the ledger of a run by several agents balances on both paths', async () => {
  const text = countedExperiment({
    deadlineMs: 60_000,
    drainMs: 60_000,
    load: constant(100, 300),
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants: { rpc: { path: 'rpc', policies: [] }, event: { path: 'event', policies: [] } },
  });
  const variants = accountedEach(await run(text, { openGenerator: processFleet(3).open }), 30);
  expect(variants.map(({ outcomes }) => outcomes.ok)).toEqual([30, 30]);
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

test('agents that have joined offer the load of a run, outlive their server, and leave on Ctrl-C', async () => {
  const [left, right] = await Promise.all([joined('left'), joined('right')]);
  const same = await spillway(['agent', '--at', nats.url, '--name', 'left']).ended();
  expect(same).toMatchObject({ code: 104, stderr: expect.stringContaining('choose another --name') });

  const at = ['--agents-at', nats.url, '--agents', '2'];
  const running = spillway(['run', '--no-predict', ...at, writeCalls(300)]);
  const { code, stdout } = await running.ended();
  expect(code).toBe(0);
  expect(stdout).toContain('2 agents offered the load: left, right');
  expect(resultIn(running.out)).toMatchObject({ agents: ['left', 'right'], variants: [{ offered: 15 }] });
  right.interrupt();
  const ended = await right.ended();
  expect(ended.stderr).toMatch(/works for the lab on .*\n.* is free\n.* has left\n$/);
  expect(ended.code).toBe(0);

  const fleet = await joinedFleet({ url: nats.url });
  await nats.kill();
  await left.said(/has lost the server .*\n(.*\n)*left is free/);
  await fleet.release();
  await nats.restart();
  await left.said(/has joined again/);
  left.interrupt();
  expect((await left.ended()).code).toBe(0);
  expect(survivors()).toEqual([]);
});
