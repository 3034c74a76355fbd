import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { healthy } from '#lab/conform/bench.ts';
import { judged, type Scenario } from './fact.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const batch = 100;

/** Finds the timers, listeners and memory that many calls leave behind. */
export const leaks: Scenario = async (bench) => {
  bench.answer = healthy(1);
  const caller = new AbortController();
  const total = bench.isVirtual ? 20_000 : 1000;
  const timersBefore = bench.timers();
  let heapBefore = 0;
  for (let calls = 0; calls < total; calls += batch) {
    const some = Array.from({ length: batch }, () => bench.call({ caller }));
    if (!(await bench.ended(some, 10_000))) return judged(false, 'calls do not end');
    bench.forget();
    if (calls === total / 2) heapBefore = heapBytes();
  }
  const bytes = (heapBytes() - heapBefore) / (total / 2);
  const timers = bench.timers() - timersBefore;
  const listeners = () => getEventListeners(caller.signal, 'abort').length;
  // The listeners of fetch stay until its requests are collected, which takes a few turns.
  for (let turn = 0; turn < 20 && listeners() > batch; turn++) {
    collectGarbage();
    await bench.wait(10);
  }
  const left = [
    timers > batch && `${timers} timers`,
    listeners() > batch && `${listeners()} listeners`,
    // A kilobyte per call is far above the noise of the heap, but not above that of connections.
    bench.isVirtual && bytes > 1000 && 'memory grows with each call',
  ].filter(Boolean);
  return judged(left.length === 0, 'nothing', `${left.join(', ')} after ${total} calls`);
};
