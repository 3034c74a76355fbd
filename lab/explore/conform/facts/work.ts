import { getEventListeners } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { duration } from '#lab/experiment/text/format.ts';
import {
  admittedOf,
  callAtOnce,
  failing,
  healthy,
  probe,
  silent,
  trip,
  waitUntil,
  workMs,
} from '#lab/explore/conform/probes.ts';
import { type Fact, judged, none, type Scenario } from './fact.ts';

const minuteMs = 60_000;

const whenFull: Scenario = async (bench, { limit, queues, breaker }) => {
  if (limit === null || queues) return none(limit === null ? 'no limit' : 'calls beyond the limit wait');
  if (!breaker) return none('no breaker');
  bench.answer = healthy(workMs);
  bench.show('a burst of a healthy dependency');
  await bench.ended(callAtOnce(bench, 200), bench.isVirtual ? minuteMs : 5000);
  bench.note('then one call at a time');
  bench.answer = healthy(0);
  const admitted = await admittedOf(bench, 20);
  return judged(
    admitted === 20,
    admitted === 20 ? 'full: no' : `full: yes, ${20 - admitted} of 20 next calls are refused`,
  );
};

const whenOpen: Scenario = async (bench, profile) => {
  if (!profile.breaker) return none('no breaker');
  await trip(bench, profile);
  bench.show('a call while the circuit is open');
  const call = bench.call();
  await bench.ended([call], bench.isVirtual ? minuteMs : 5000);
  const ms = (call.endedAtMs ?? Number.POSITIVE_INFINITY) - call.startedAtMs;
  if (ms <= bench.tickMs) return judged(true, 'open: refused at once');
  return judged(false, `open: the refusal is tried again${ms < minuteMs ? ` for ${duration(ms)}` : ''}`);
};

const whenThrottled: Scenario = async (bench, { breaker }) => {
  if (!breaker) return none('no breaker');
  bench.answer = () => ({ afterMs: 1, status: 429 });
  bench.show('the dependency answers 429');
  let withheld = 0;
  for (let i = 0; i < Math.max(20, 3 * breaker.calls) && withheld < 3; i++) {
    const call = await probe(bench);
    withheld = call.attempts.length > 0 ? 0 : withheld + 1;
    if (call.attempts.length > 0) await bench.ended([call], 1000);
    call.cancel();
  }
  return judged(withheld < 3, `429: ${withheld < 3 ? 'no' : 'counts as a failure'}`);
};

export const refusals: Fact = {
  title: 'Refusal counted as a failure of the dependency',
  safe: 'A full or open client refuses at once, and neither that nor a 429 opens a circuit',
  scenarios: [whenFull, whenOpen, whenThrottled],
};

/** Good answers for each call that times out. */
const goodCalls = 5;

/**
 * Lets one call after another time out, while the client gets good answers in between, so that no circuit opens. The
 * work of the calls goes on.
 */
const leftWork: Scenario = async (bench, { limit, timeoutMs }) => {
  if (limit === null || limit > 100) return none(limit === null ? 'no limit' : `limit above 100`);
  const rounds = bench.isVirtual ? 3 * limit : limit + 2;
  const untilMs = timeoutMs ?? workMs;
  bench.show(`work that goes on after ${timeoutMs === null ? 'the caller' : 'the timeout'} gave it up`);
  for (let round = 0; round < rounds; round++) {
    bench.answer = () => ({ afterMs: Number.POSITIVE_INFINITY, isDeaf: true });
    const call = await probe(bench);
    bench.answer = healthy(1);
    for (let i = 0; i < goodCalls; i++) {
      bench.call();
      await bench.wait(untilMs / goodCalls);
    }
    if (timeoutMs === null) call.cancel();
    await bench.wait(bench.tickMs);
  }
  const inFlight = bench.shownAttempts.filter(({ endedAtMs }) => endedAtMs === undefined).length;
  const most = Math.max(inFlight, bench.isVirtual ? 0 : 1);
  return judged(most <= limit, `limit ${limit}: ${most} in flight`);
};

export const limitedWork: Fact = {
  title: 'Work in flight behind a limit, when calls time out',
  safe: 'At most the limit, even if the work ignores its signal',
  scenarios: [leftWork],
};

const ofTimeout: Scenario = async (bench, { timeoutMs }) => {
  if (timeoutMs === null) return none('no timeout');
  bench.answer = silent;
  bench.show();
  const call = await probe(bench);
  await bench.wait(timeoutMs + 5 * bench.tickMs);
  const isReached = call.attempts[0]?.cancelledAtMs !== undefined;
  call.cancel();
  return judged(isReached, `its timeout: ${isReached ? 'yes' : 'no, the attempt goes on'}`);
};

const ofCaller: Scenario = async (bench, { timeoutMs }) => {
  bench.answer = silent;
  bench.show();
  const call = await probe(bench);
  await bench.wait(Math.min(workMs, (timeoutMs ?? workMs) / 2));
  call.cancel();
  await bench.wait(2 * bench.tickMs);
  const isReached = call.attempts[0]?.cancelledAtMs !== undefined;
  return judged(isReached, `the caller's: ${isReached ? 'yes' : 'no, the attempt goes on'}`);
};

export const cancellation: Fact = {
  title: 'Cancellation reaches the attempt',
  safe: 'Yes, from a timeout and from the caller',
  scenarios: [ofTimeout, ofCaller],
};

const duringBackoff: Scenario = async (bench, { delaysMs: [delayMs = 0] }) => {
  if (delayMs < 4 * bench.tickMs) return none(delayMs > 0 ? 'backoff too short' : 'no backoff');
  bench.answer = failing(bench);
  bench.show();
  const call = bench.call();
  await waitUntil(bench, () => call.attempts[0]?.endedAtMs !== undefined, 1000);
  await bench.wait(delayMs / 10);
  if (call.attempts.length > 1) return { verdict: 'unknown', text: 'the backoff was too short this time' };
  call.cancel();
  await bench.wait(3 * delayMs + workMs);
  return afterCancel('backoff', call, bench.tickMs);
};

const inQueue: Scenario = async (bench, { limit, queues, timeoutMs }) => {
  if (limit === null || !queues) return none('no queue');
  const untilMs = Math.min(10 * workMs, (timeoutMs ?? 10 * workMs) / 2);
  bench.answer = healthy(untilMs);
  bench.show();
  callAtOnce(bench, limit);
  await bench.wait(bench.tickMs);
  const call = await probe(bench);
  await bench.wait(untilMs / 4);
  call.cancel();
  await bench.wait(2 * untilMs);
  return afterCancel('queue', call, bench.tickMs);
};

function afterCancel(
  place: string,
  { endedAtMs = Number.POSITIVE_INFINITY, cancelledAtMs = 0, attempts }: ReturnType<typeof callAtOnce>[0],
  tickMs: number,
) {
  const late = attempts.filter(({ startedAtMs }) => startedAtMs > cancelledAtMs).length;
  const lateMs = endedAtMs - cancelledAtMs;
  const returns =
    lateMs <= tickMs
      ? 'returns at once'
      : lateMs === Number.POSITIVE_INFINITY
        ? 'does not return'
        : `returns ${duration(lateMs)} later`;
  return judged(
    late === 0 && lateMs <= tickMs,
    `${place}: ${returns}${late > 0 ? `, and makes ${late} more attempts` : ''}`,
  );
}

export const cancelledWait: Fact = {
  title: 'Cancelled in a backoff or queue',
  safe: 'Returns at once, without another attempt',
  scenarios: [duringBackoff, inQueue],
};

const calls = 20;

/** Lets one call time out among good ones, each of which is under way for a twentieth of the timeout. */
const oneTimeout: Scenario = async (bench, { timeoutMs, limit }) => {
  if (limit === 1) return none('one call at a time');
  const untilMs = Math.min(timeoutMs ?? 10 * workMs, bench.isVirtual ? Number.POSITIVE_INFINITY : 12_000);
  const stepMs = untilMs / calls;
  bench.answer = healthy(1.5 * stepMs);
  bench.show(`one call is never answered; the others after ${duration(1.5 * stepMs)}`);
  const before = [];
  for (let i = 0; i < calls; i++) {
    before.push(bench.call());
    await bench.wait(2 * stepMs);
  }
  bench.answer = silent;
  const slow = await probe(bench);
  bench.answer = healthy(1.5 * stepMs);
  const beside = [];
  for (let i = 0; i < calls + 5; i++) {
    beside.push(bench.call());
    await bench.wait(i === calls - 1 ? stepMs - bench.tickMs / 2 : stepMs);
    if (timeoutMs === null && i === calls - 1) slow.cancel();
  }
  slow.cancel();
  await bench.ended(beside, 4 * untilMs);
  const failed = beside.filter(({ isOk }) => isOk !== true).length;
  const what = timeoutMs === null ? 'cancellation' : 'timeout';
  return judged(failed === 0, failed === 0 ? `survive a ${what}` : `${failed} fail with one ${what}`);
};

export const neighbours: Fact = {
  title: 'Neighbours of a call that times out',
  safe: 'All succeed',
  scenarios: [oneTimeout],
};

const many = 20_000;

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

const batch = 100;

const leftovers: Scenario = async (bench) => {
  bench.answer = healthy(1);
  const { signal } = new AbortController();
  const total = bench.isVirtual ? many : 1000;
  const timersBefore = bench.timers();
  let heapBefore = 0;
  for (let calls = 0; calls < total; calls += batch) {
    const some = Array.from({ length: batch }, () => bench.call({ signal }));
    if (!(await bench.ended(some, 10_000))) return judged(false, 'calls do not end');
    bench.forget();
    if (calls === total / 2) heapBefore = heapBytes();
  }
  const bytes = (heapBytes() - heapBefore) / (total / 2);
  const timers = bench.timers() - timersBefore;
  const listeners = getEventListeners(signal, 'abort').length;
  const left = [
    ...(timers > batch ? [`${timers} timers`] : []),
    ...(listeners > batch ? [`${listeners} listeners`] : []),
    // A kilobyte per call is far above the noise of the heap, but not above that of connections.
    ...(bench.isVirtual && bytes > 1000 ? ['memory grows with each call'] : []),
  ];
  return judged(left.length === 0, left.length > 0 ? `${left.join(', ')} after ${total} calls` : 'nothing');
};

export const leaks: Fact = {
  title: 'Timers, listeners and memory left by many calls',
  safe: 'None',
  scenarios: [leftovers],
};
