import { workerData } from 'node:worker_threads';
import { systemClock } from '#kit/clock.ts';
import type { Request, Timed } from './explorer.ts';
import { sampleOf } from './sample.ts';
import { openSubject, type SubjectOptions } from './subject.ts';
import { answerAll } from './threads.ts';

const subject = openSubject(workerData as SubjectOptions);

answerAll(async ({ changes, seed }: Request): Promise<Timed> => {
  const startedAtMs = systemClock.now();
  const sample = await sampleOf(subject.with(changes), seed);
  return { sample, tookMs: systemClock.now() - startedAtMs };
});
