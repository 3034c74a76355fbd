import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '#kit/clock.ts';
import { urlsIn } from '#kit/urls.ts';
import { openBroker } from '#lab/broker.ts';
import { Control } from '#lab/control/control.ts';
import { controlsOf } from '#lab/control/controls.ts';
import type { Engine } from '#lab/engine/engines.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { aborted } from '#lab/interrupt.ts';
import { Announcement } from './announcement.ts';
import { Generator } from './generator.ts';
import type { Bench } from './observe.ts';

interface Options {
  readonly folder: string;
  readonly startTestbed: Engine['start'];
  readonly withoutFaults?: boolean | undefined;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

/** Starts a testbed and what works on it. Rejects with nothing left running. */
export async function openBench(
  experiment: Experiment,
  options: Options,
): Promise<Omit<Bench, 'onProgress'>> {
  const logFolder = join(options.folder, 'logs');
  mkdirSync(logFolder, { recursive: true });
  const testbed = await options.startTestbed(logFolder, options.signal, experiment);
  try {
    return {
      experiment,
      testbed,
      controls: controlsOf(testbed),
      broker: await openBroker(testbed, testbed.died, aborted(options.signal)),
      // One is enough for whoever watches.
      announcement: new Announcement(
        new Control('downstream', urlsIn(testbed.control.downstream)[0]!, testbed.controlToken),
        options.clock,
      ),
      generator: new Generator(join(logFolder, 'generator.log'), testbed.guard),
      folder: options.folder,
      warmed: new Set(),
      withoutFaults: options.withoutFaults ?? false,
      unmended: [],
      clock: options.clock,
      signal: options.signal,
    };
  } catch (error) {
    await testbed.stop().catch(() => undefined); // the first reason is the one to tell
    throw error;
  }
}

/** Stops everything, the testbed last. */
export async function closeBench({
  announcement,
  generator,
  broker,
  controls,
  testbed,
}: Omit<Bench, 'onProgress'>): Promise<void> {
  await generator.stop();
  await announcement.stop();
  await broker.close();
  await Promise.all(Object.values(controls).map((control) => control?.close()));
  await testbed.stop();
}
