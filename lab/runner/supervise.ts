import { join } from 'node:path';
import { sleep } from '#kit/clock.ts';
import { intervalMs } from '#lab/analysis/figures/series.ts';
import { evidenceFile } from '#lab/evidence/format.ts';
import { EvidenceWriter } from '#lab/evidence/writer.ts';
import { slowed } from '#lab/experiment/slow-motion.ts';
import { aborted } from '#lab/testbed/process/aborted.ts';
import { durationMs } from '#load/phases.ts';
import type { Counts } from '#load/protocol.ts';
import type { Bench, VariantBench } from './bench.ts';
import { type Evidence, observe } from './observe.ts';
import { Scraper } from './scraper.ts';

/**
 * Conducts a variant, in slow motion if the bench says so, and writes what is observed into the folder. Resolves with the
 * generator's counts. When a process dies or can't store, or the run is interrupted, ends the observation first. Records
 * have the times of the conducted experiment.
 */
export async function observeUntilDeath(bench: VariantBench, name: string, folder: string): Promise<Counts> {
  const ending = new AbortController();
  const signal = AbortSignal.any([bench.signal, ending.signal]);
  const { load, variants } = slowed(bench.experiment, bench.slowMotion);
  const evidence: Evidence = new EvidenceWriter(join(folder, evidenceFile));
  const scraper = new Scraper(bench.controls, variants[name]!.path, bench.clock, evidence.write);
  try {
    await scraper.check();
    scraper.begin(intervalMs(durationMs(load)));
    const observing = observe({ ...bench, signal }, name, folder, { evidence, scraper });
    const ended = Promise.race([observing, bench.testbed.died, aborted(bench.signal)]);
    const explained = ended.catch((error) => causeOf(error, bench, scraper));
    try {
      const counts = await Promise.race([explained, scraper.failed]);
      await scraper.check();
      return counts;
    } catch (error) {
      ending.abort();
      await bench.generator.stop();
      await observing.catch(() => undefined);
      throw error;
    }
  } finally {
    await scraper.stop();
    evidence.close();
  }
}

/** Prefers "process died" or "disk full" over the failed call that it caused. */
async function causeOf(error: unknown, { testbed, clock }: Bench, scraper: Scraper): Promise<never> {
  await Promise.race([testbed.died, sleep(graceMs, clock)]);
  await scraper.check();
  throw error;
}

const graceMs = 300;
