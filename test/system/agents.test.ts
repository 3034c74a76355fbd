import { expect, test } from 'vitest';
import { processFleet } from '#lab/world/agents/fleet.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';
import { ownChildren } from '#test/support/children.ts';
import { commandLineOf, withMarker } from '#test/support/marked.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { accountedEach } from '#test/support/run-text.ts';

withMarker();
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
  expect(variants.map(({ ok }) => ok)).toEqual([30, 30]);
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
