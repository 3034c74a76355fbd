import { expect, test } from 'vitest';
import { constant, countedExperiment, fault, onPath } from '#test/fixtures/counted.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { accounted, restartedIn } from '#test/support/run-text.ts';

const run = pooledRuns();

const phaseMs = 5000;
const beginsMs = 300;
const stormMs = 4500;
const perSecond = 100;
const perPhase = (perSecond * phaseMs) / 1000;

/** Returns an experiment as text. It has a phase of load per list of targets, which crash again and again in it. */
function stormy(path: 'rpc' | 'event', phases: readonly (readonly string[])[]): string {
  return countedExperiment({
    drainMs: path === 'event' ? 6000 : 40_000,
    connections: phases.length * perPhase,
    load: phases.map((targets) => ({ name: targets.join('-'), ...constant(perSecond, phaseMs)[0]! })),
    downstream: { model: { kind: 'fixed', latencyMs: 20 }, idempotent: false },
    variants: { it: onPath(path, 500) },
    faults: phases.flatMap((targets, i) =>
      targets.map((target) =>
        fault(target, target, [i * phaseMs + beginsMs, stormMs], 'crash-loop', { everyMs: 500 }),
      ),
    ),
  });
}

// Runs come one after the other, so that a process starts within the time of its crash loop.
test.each([
  ['rpc', [['gateway', 'downstream']]],
  ['event', [['publisher', 'consumer']]],
  ['event', [['nats'], ['downstream']]],
] as const)(
  'on the path %s each of %j that crashes again and again loses nothing accepted',
  async (path, phases) => {
    const starts: string[] = [];
    const result = await run(stormy(path, phases), {
      on(testbed) {
        const restart = testbed.restart.bind(testbed);
        testbed.restart = async (name, config) => {
          starts.push(name);
          await restart(name, config);
        };
        return testbed;
      },
    });
    const offered = phases.length * perPhase;
    const variant = accounted(result, offered);
    const { lost, outcomes, effects, faults, windows } = variant;
    expect(lost).toBe(0);
    for (const { target, asked, took } of faults!) {
      // More than two starts: the last restart finds the process running, and does nothing.
      expect(starts.filter((name) => name === target).length).toBeGreaterThan(2);
      expect(took!.untilMs).toBeGreaterThan(asked.untilMs - 1); // a timer of Node may fire 1 ms early
    }
    expect(restartedIn(variant)).toEqual(phases.flat().filter((target) => target !== 'nats'));
    const completed = outcomes.ok + outcomes.late;
    expect(effects.distinct).toBeGreaterThanOrEqual(completed);
    // An event that doesn't complete was not accepted, or was tried twenty times while downstream was away.
    const dead = windows!.find(({ name }) => name === 'phase downstream')?.outcomes.dead ?? 0;
    if (path === 'event') expect(completed + outcomes.dropped + outcomes.unknown + dead).toBe(offered);
  },
);
