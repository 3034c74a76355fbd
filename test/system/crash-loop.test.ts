import { expect, type MockInstance, onTestFinished, test, vi } from 'vitest';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { accounted } from '#test/support/run-text.ts';

const run = pooledRuns();

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
    const text = countedExperiment({
      drainMs: target === 'publisher' || target === 'nats' ? 8000 : 40_000,
      connections: 600,
      load: constant(100, 6000),
      downstream: { model: { kind: 'fixed', latencyMs: 20 }, idempotent: false },
      variants: { it: onPath(path, 500) },
      faults: [
        { name: 'storm', atMs: 500, forMs: 5000, target, fault: { kind: 'crash-loop', everyMs: 500 } },
      ],
    });
    let starts: MockInstance | undefined;
    const result = await run(text, (testbed) => {
      starts = vi.spyOn(testbed, 'restart');
    });
    onTestFinished(() => starts?.mockRestore());
    const { lost, outcomes, self, effects, faults } = accounted(result, 600);
    // The last one leaves it as it is.
    expect(starts!.mock.calls.length).toBeGreaterThan(2);
    expect(lost).toBe(0);
    expect(faults![0]!.took!.untilMs).toBeGreaterThan(5499); // timers round to ms
    const restarted = self.processes.filter((each) => each.restarted).map(({ name }) => name);
    expect(restarted).toEqual(target === 'nats' ? [] : [target]);
    const done = outcomes.ok + outcomes.late;
    expect(effects.distinct).toBeGreaterThanOrEqual(done);
    // Of events, only those are not done that nobody could accept, or that were tried twenty times while downstream was away.
    const tried = target === 'downstream' ? outcomes.dead : 0;
    if (path === 'event') expect(done + outcomes.dropped + outcomes.unknown + tried).toBe(600);
  },
);
