import { EndlessError, VirtualClock } from '#kit/virtual-clock.ts';
import { msMax } from '#lab/experiment/rules.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import type { ProcessName } from '#lab/kit/topology/names.ts';
import type { Simulation } from '#lab/world/simulation.ts';
import type { OpenTestbed, Stopwatch, World } from '#lab/world/world.ts';
import type { StartClient } from './services.ts';
import { type Inside, simulatedTestbed } from './simulated.ts';
import { unsimulated } from './unsimulated.ts';

interface SimulationOptions extends Simulation {
  /** @default no limit, since waiting takes no real time. With a client, whose calls may never end, as on sockets */
  readonly idleMaxMs?: number | undefined;
  /** Client that replaces the policies, and the clock of its thread. */
  readonly client?: { readonly start: StartClient; readonly clock: VirtualClock } | undefined;
  readonly watch?: Watch;
}

/** Called when the load starts. It may set timers, read, and hold the clock, but must change nothing else. */
export type Watch = (inside: Inside, clock: VirtualClock, startedAtMs: number) => void;

/**
 * Returns a world in virtual time. Each variant has its own testbed and its own clock that begins at 0, so that its
 * evidence doesn't depend on the variants before it.
 */
export function simulated(options: SimulationOptions = {}): World {
  const { overheads, stalls = [], client, idleMaxMs = client ? undefined : msMax, watch } = options;
  return {
    name: 'simulated',
    isSimulated: true,
    simulation: { overheads, stalls: options.stalls },
    unsupported: unsimulated,
    stopwatch,
    open: async ({ file: { experiment }, stopwatch }) => ({
      nats: '',
      foreign: [],
      async with({ variant, slowMotion, store }, act) {
        const { clock } = client ?? { clock: new VirtualClock() };
        const { path } = experiment.variants[variant]!;
        const started = (startedAtMs: number): void => {
          const at = (ms: number, act: () => unknown) =>
            clock.after(Math.max(0, startedAtMs + slowMotion * ms - clock.now()), act);
          for (const { process, fromMs, untilMs } of stalls) {
            const name = process === 'broker' ? 'nats' : (process as ProcessName);
            at(fromMs, () => testbed.pause(name));
            const goesOn = stalls.some(
              (other) => other.process === process && other.fromMs <= untilMs && other.untilMs > untilMs,
            );
            if (!goesOn) at(untilMs, () => testbed.resume(name));
          }
          watch?.(inside, clock, startedAtMs);
        };
        const { testbed, controls, generator, broker, inside } = await clock.runUntil(
          simulatedTestbed(experiment, {
            clock,
            path,
            store,
            overheads,
            startClient: client?.start,
            started,
          }),
        );
        const open: OpenTestbed = {
          ...{ testbed, controls, generator, broker, clock, idleMaxMs },
          announcement: { begin() {}, counted() {}, faultsChanged() {}, over() {} }, // a simulation has no viewers
          inProcess: true,
          offline: (work) => clock.hold(work),
        };
        try {
          const result = await clock.runUntil(act(open)).catch((error) => {
            throw error instanceof EndlessError ? new TestbedError('endless', error.message) : error;
          });
          stopwatch.add(clock.now());
          return result;
        } finally {
          await testbed.stop();
        }
      },
      close: async () => undefined,
    }),
  };
}

/** Measures the virtual time of completed variants. */
function stopwatch(): Stopwatch {
  let ms = 0;
  return {
    now: () => ms,
    add(more) {
      ms += more;
    },
  };
}
