import { type Clock, sleep } from '#kit/clock.ts';
import type { ProcessName, Testbed } from '#lab/engine/testbed.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { kill } from './kill.ts';

export type Fault = Experiment['faults'][number];

interface Kind {
  begin(testbed: Testbed, target: ProcessName): Promise<void>;
  /** Mends it; `config` is what the target was configured with. */
  end(testbed: Testbed, target: ProcessName, config: unknown): Promise<void>;
}

/** Every kind of fault; a new one is a file and a line here. */
const kinds: { [K in Fault['fault']['kind']]: Kind } = { kill };

/** When a fault really began and ended, on the machine's monotonic clock. */
export interface Injected {
  readonly fault: Fault;
  readonly beganAtMs: number;
  readonly endedAtMs: number;
}

/**
 * Injects a fault at its time after `startedAtMs` and mends it again; mends it at once when the signal aborts.
 * Undefined when it was aborted before it began.
 */
export async function inject(
  fault: Fault,
  testbed: Testbed,
  config: unknown,
  startedAtMs: number,
  clock: Clock,
  signal: AbortSignal,
): Promise<Injected | undefined> {
  const until = (ms: number) =>
    sleep(Math.max(0, startedAtMs + ms - clock.now()), clock, signal).catch(() => undefined);
  const kind = kinds[fault.fault.kind];
  await until(fault.atMs);
  if (signal.aborted) return undefined;
  await kind.begin(testbed, fault.target);
  const beganAtMs = clock.now();
  await until(fault.atMs + fault.forMs);
  await kind.end(testbed, fault.target, config);
  return { fault, beganAtMs, endedAtMs: clock.now() };
}
