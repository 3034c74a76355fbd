import { sleep } from '#kit/clock.ts';
import { aborted } from '#lab/interrupt.ts';
import type { Counts } from '#load/protocol.ts';
import type { Bench, VariantBench } from './bench.ts';
import { observe } from './observe.ts';
import { StorageWatch } from './storage.ts';

/** Observes a variant as `observe` does; when a process dies or can't store, or the run is interrupted, ends that observation first. */
export async function observeUntilDeath(bench: VariantBench, name: string, folder: string): Promise<Counts> {
  const ending = new AbortController();
  const signal = AbortSignal.any([bench.signal, ending.signal]);
  const storage = new StorageWatch(bench.controls, bench.clock);
  await storage.check();
  const observing = observe({ ...bench, signal }, name, folder);
  const ended = Promise.race([observing, bench.testbed.died, aborted(bench.signal)]);
  const explained = ended.catch((error) => causeOf(error, bench, storage));
  try {
    const counts = await Promise.race([explained, storage.failure(ending.signal)]);
    await storage.check();
    return counts;
  } catch (error) {
    ending.abort();
    await bench.generator.stop();
    await observing.catch(() => undefined);
    throw error;
  } finally {
    ending.abort();
  }
}

/** A call that fails because its target has just died, or has no room for something, is told before that itself is. */
async function causeOf(error: unknown, { testbed, clock }: Bench, storage: StorageWatch): Promise<never> {
  await Promise.race([testbed.died, sleep(graceMs, clock)]);
  await storage.check();
  throw error;
}

const graceMs = 300;
