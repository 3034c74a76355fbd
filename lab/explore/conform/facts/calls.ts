import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { duration, plural } from '#lab/experiment/text/format.ts';
import { healthy, tickOf } from '#lab/explore/conform/bench.ts';
import { failing, hourMs, patienceMs } from '#lab/explore/conform/probes.ts';
import { type Fact, judged, none } from './fact.ts';
import { ofRetry } from './retries.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const batch = 100;

const leaks: Fact = {
  title: 'Timers, listeners and memory left by many calls',
  safe: 'None',
  scenarios: [
    {
      look: async (bench) => {
        bench.answer = healthy(1);
        const caller = new AbortController();
        const total = bench.isVirtual ? 20_000 : 1000;
        const timersBefore = bench.timers;
        let heapBefore = 0;
        for (let calls = 0; calls < total; calls += batch) {
          const some = Array.from({ length: batch }, () => bench.call({ caller }));
          if (!(await bench.ended(some, 10_000))) return judged(false, 'calls do not end');
          bench.forget();
          if (calls === total / 2) heapBefore = heapBytes();
        }
        const bytes = (heapBytes() - heapBefore) / (total / 2);
        const timers = bench.timers - timersBefore;
        const listeners = getEventListeners(caller.signal, 'abort').length;
        const left = [
          ...(timers > batch ? [`${timers} timers`] : []),
          ...(listeners > batch ? [`${listeners} listeners`] : []),
          // A kilobyte per call is far above the noise of the heap, but not above that of connections.
          ...(bench.isVirtual && bytes > 1000 ? ['memory grows with each call'] : []),
        ];
        return judged(left.length === 0, 'nothing', `${left.join(', ')} after ${total} calls`);
      },
    },
  ],
};

const defaults: Fact = {
  title: 'Backoff and timeout',
  safe: 'A backoff above 0 between tries',
  scenarios: [
    {
      unless: ({ attempts, delaysMs, timeoutMs }, isVirtual) => {
        const times = delaysMs.map((ms) => duration(Math.round(ms)));
        const shown = times.length > 4 ? [...times.slice(0, 2), '…', times.at(-1)] : times;
        const backoff = attempts > 1 ? `backoff ${shown.join(', ')}` : 'no retry';
        const never = isVirtual ? 'no timeout' : `no timeout within ${duration(patienceMs(isVirtual))}`;
        const text = `${backoff}; ${timeoutMs === null ? never : `timeout ${duration(Math.round(timeoutMs))}`}`;
        if (attempts < 2 && timeoutMs === null) return none(text);
        return judged(attempts < 2 || delaysMs.some((ms) => ms > tickOf(isVirtual)), text);
      },
    },
  ],
};

const idempotence: Fact = {
  title: 'Request that must not run twice',
  safe: 'Not tried again',
  scenarios: [
    ofRetry(async (bench) => {
      bench.show(failing());
      const call = bench.call({ isIdempotent: false });
      await bench.ended([call], 10 * hourMs);
      const { length } = call.attempts;
      return judged(length < 2, 'not tried again', plural(length, 'attempt'));
    }),
  ],
};

export const calls = { leaks, defaults, idempotence };
