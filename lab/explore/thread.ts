import { workerData } from 'node:worker_threads';
import { systemClock } from '#kit/clock.ts';
import { sampleOf } from '#lab/conduct/sample.ts';
import { answerAll } from '#lab/conduct/threads.ts';
import type { Request, ThreadOptions, Timed } from './pool.ts';
import { openSubject } from './subject.ts';

const { subject: options, folder } = workerData as ThreadOptions;
const subject = openSubject(options);

answerAll(async ({ changes, seed }: Request): Promise<Timed> => {
  const startedAtMs = systemClock.now();
  const sample = await sampleOf(subject.with(new Map(changes)), seed, folder);
  return { sample, tookMs: systemClock.now() - startedAtMs };
});
