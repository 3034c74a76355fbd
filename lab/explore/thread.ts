import { workerData } from 'node:worker_threads';
import { systemClock } from '#kit/clock.ts';
import { msMax } from '#lab/experiment/rules.ts';
import { sampleOf } from '#lab/runner/sample.ts';
import { answerAll } from '#lab/runner/threads.ts';
import type { Request, ThreadOptions, Timed } from './pool.ts';
import { openSubject } from './subject.ts';

const { subject: options, folder } = workerData as ThreadOptions;
const subject = openSubject(options);

answerAll(async ({ changes, seed }: Request): Promise<Timed> => {
  const startedAtMs = systemClock.now();
  // A point may congest downstream for longer than the file expects, and waiting takes no real time. Its requests are
  // given up after the file's `drainMs` all the same.
  const sample = await sampleOf(subject.with(new Map(changes)), seed, { folder, idleMaxMs: msMax });
  return { sample, tookMs: systemClock.now() - startedAtMs };
});
