import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '#kit/clock.ts';
import type { Reply, Request, WorkerOptions } from './pool.ts';
import { sampleOf } from './sample.ts';
import { openSubject } from './subject.ts';

// Simulates what the pool asks for, one request at a time.
const { subject: options, folder } = workerData as WorkerOptions;
const subject = openSubject(options);

parentPort!.on('message', async ({ changes, seed }: Request) => {
  const startedAtMs = systemClock.now();
  let reply: Reply;
  try {
    const sample = await sampleOf(subject.with(new Map(changes)), seed, folder);
    reply = { sample, tookMs: systemClock.now() - startedAtMs };
  } catch (error) {
    reply = { failure: (error as Error).stack ?? String(error) };
  }
  parentPort!.postMessage(reply);
});
