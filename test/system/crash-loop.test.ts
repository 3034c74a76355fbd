import { expect, test } from 'vitest';
import { startLocal } from '#lab/engine/local.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { accounted, runText } from '#test/support/run-text.ts';

// One after the other, so that a start takes less than the storm.
test.each([
  ['rpc', 'gateway'],
  ['rpc', 'downstream'],
  ['event', 'publisher'],
  ['event', 'consumer'],
  ['event', 'downstream'],
  ['event', 'nats'],
] as const)(
  'on the path %s a %s that crashes again and again loses nothing accepted',
  async (path, target) => {
    let starts = 0;
    const result = await runText(
      countedExperiment({
        drainMs: target === 'publisher' || target === 'nats' ? 8000 : 40_000,
        connections: 600,
        load: constant(100, 4500),
        downstream: { model: { kind: 'fixed', latencyMs: 20 }, idempotent: false },
        variants: { it: onPath(path, 500) },
        faults: [
          { name: 'storm', atMs: 500, forMs: 3500, target, fault: { kind: 'crash-loop', everyMs: 500 } },
        ],
      }),
      async (logFolder) => {
        const testbed = await startLocal({ logFolder });
        const { restart } = testbed;
        return Object.assign(testbed, {
          restart(...start: Parameters<typeof restart>) {
            starts += 1;
            return restart.apply(testbed, start);
          },
        });
      },
    );
    const { lost, outcomes, self, effects, faults } = accounted(result, 450);
    expect(starts).toBeGreaterThan(1);
    expect(lost).toBe(0);
    expect(faults![0]!.took!.untilMs).toBeGreaterThan(3999); // timers round to ms
    const restarted = self.processes.filter((each) => each.restarted).map(({ name }) => name);
    expect(restarted).toEqual(target === 'nats' ? [] : [target]);
    const done = outcomes.ok + outcomes.late;
    expect(effects.distinct).toBeGreaterThanOrEqual(done);
    // Of events, only those are not done that nobody could accept, or that were tried twenty times while downstream was away.
    const tried = target === 'downstream' ? outcomes.dead : 0;
    if (path === 'event') expect(done + outcomes.dropped + outcomes.unknown + tried).toBe(450);
  },
);
