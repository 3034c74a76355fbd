import { expect, test } from 'vitest';
import { namesOf } from '#lab/topology/replicas.ts';
import { allRoutes } from '#lab/topology/servers.ts';
import { constant, countedExperiment, fault, onPath } from '#test/fixtures/counted.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { accountedOnCluster } from '#test/support/run-text.ts';

const broker = { servers: 3, replicas: 3, sync: 'interval' } as const;
const run = pooledRuns({ broker, routes: allRoutes(namesOf('nats', 3)) });

const perSecond = 50;
const beginsMs = 1000;
/** Longer than an election, which takes up to 9 s, so that the cluster goes on without the affected server. */
const longMs = 12_000;

/** Runs events on a broker of three servers, with a fault. Expects that none is lost and that all are accounted for. */
async function runWith(target: string, kind: string, forMs: number, loadMs = beginsMs + forMs + 2000) {
  const text = countedExperiment({
    drainMs: 10_000,
    connections: 500,
    load: constant(perSecond, loadMs),
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants: { it: { ...onPath('event', 500), broker } },
    faults: [fault('trouble', target, [beginsMs, forMs], kind)],
    hypothesis: ['goodput(it, during trouble) >= 0', 'goodput(it, after trouble) >= 0'],
  });
  const offered = (perSecond * loadMs) / 1000;
  const variant = accountedOnCluster(await run(text), offered);
  expect(variant.lost).toBe(0);
  const { took } = variant.faults![0]!;
  expect(took!.untilMs - took!.fromMs).toBeGreaterThan(forMs / 2);
  const outcomesOf = (name: string) => variant.windows!.find((window) => window.name === name)!.outcomes;
  const completedOf = (name: string) => outcomesOf(name).ok + outcomesOf(name).late;
  return { ...variant, offered, completedOf };
}

test.concurrent('a killed minority stops no event', async () => {
  const { outcomes, offered } = await runWith('nats-minority', 'kill', 2000);
  expect(outcomes.ok + outcomes.late).toBe(offered);
});

test.concurrent('a killed leader stops events until another server leads', async () => {
  const { outcomes, completedOf } = await runWith('nats-leader', 'kill', longMs);
  expect(outcomes.unknown).toBeGreaterThan(0);
  expect(completedOf('during trouble')).toBeGreaterThan(0);
  expect(outcomes.dropped).toBe(0);
});

test.concurrent('a killed majority stops all events until it is back', async () => {
  const { completedOf, outcomes } = await runWith('nats-majority', 'kill', 4000, beginsMs + 4000 + longMs);
  // The publisher tries for two seconds, so events of the last two seconds are still tried when the majority is back.
  expect(completedOf('during trouble')).toBeLessThanOrEqual(2 * perSecond);
  expect(outcomes.unknown + outcomes.dropped).toBeGreaterThanOrEqual(2 * perSecond);
  expect(completedOf('after trouble')).toBeGreaterThan(0);
});

test.concurrent('a leader that is cut off from the others is replaced, and what both accepted is there in the end', async () => {
  // Without a majority the old leader acknowledges nothing, and an election takes longer than the publisher tries.
  const { outcomes, completedOf } = await runWith('nats-leader->nats', 'blackhole', longMs);
  expect(outcomes.unknown).toBeGreaterThan(0);
  expect(outcomes.dropped).toBe(0);
  expect(completedOf('after trouble')).toBeGreaterThan(0);
});
