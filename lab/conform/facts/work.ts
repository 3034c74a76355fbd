import { type Bench, healthy, NotMeasured, silent, tooBusy, tooLong } from '#lab/conform/bench.ts';
import { failing, minuteMs, trip, workMs } from '#lab/conform/probes.ts';
import type { Call } from '#lab/conform/seen.ts';
import { duration } from '#lab/kit/text/format.ts';
import { judged, none, type Scenario, unknown } from './fact.ts';

const next = 20;

const whenFull: Scenario = async (bench, { limit, queues, breaker }) => {
  if (limit === null || queues) return none(limit === null ? 'no limit' : 'calls beyond the limit wait');
  if (!breaker) return none('no breaker');
  bench.show(healthy(workMs), 'a burst of a healthy dependency');
  await bench.ended(bench.burst(200), minuteMs);
  bench.note('then one call at a time');
  bench.answer = healthy(0);
  const refused = next - (await bench.admitted(next));
  return judged(refused === 0, 'full: no', `full: yes, ${refused} of ${next} next calls are refused`);
};

const whenOpen: Scenario = async (bench, profile) => {
  if (!profile.breaker) return none('no breaker');
  await trip(bench, profile);
  bench.show(failing(), 'a call while the circuit is open');
  const call = bench.call();
  await bench.ended([call], minuteMs);
  const ms = (call.endedAtMs ?? Number.POSITIVE_INFINITY) - call.startedAtMs;
  if (ms > bench.tickMs) bench.steady(ms / 2);
  const retried = `open: the refusal is tried again${ms < minuteMs ? ` for ${duration(ms)}` : ''}`;
  return judged(ms <= bench.tickMs, 'open: refused at once', retried);
};

const whenThrottled: Scenario = async (bench, profile) => {
  if (!profile.breaker) return none('no breaker');
  const throttled = () => ({ afterMs: 1, status: 429 });
  bench.show(throttled, 'the dependency answers 429');
  const opensAfter = await trip(bench, profile, throttled);
  return judged(opensAfter === null, '429: no', '429: counts as a failure');
};

/** Good answers for each call that times out. */
const goodCalls = 5;

/**
 * Lets one call after another time out, while the client gets good answers in between, so that no circuit opens. The
 * work of the calls goes on.
 */
const leftWork: Scenario = async (bench, profile) => {
  const { limit } = profile;
  if (limit === null || limit > 100) return none(limit === null ? 'no limit' : 'limit above 100');
  const { timeoutMs } = profile;
  const rounds = bench.isVirtual ? 3 * limit : limit + 2;
  const who = timeoutMs === null ? 'the caller' : 'the timeout';
  bench.show(healthy(1), `work that goes on after ${who} gave it up`);
  for (let round = 0; round < rounds; round++) {
    bench.answer = () => ({ afterMs: Number.POSITIVE_INFINITY, isDeaf: true });
    const call = await bench.probe();
    bench.answer = healthy(1);
    for (let i = 0; i < goodCalls; i++) {
      bench.call();
      await bench.wait((timeoutMs ?? workMs) / goodCalls);
    }
    if (timeoutMs === null) bench.cancel(call);
    await bench.wait(bench.tickMs);
  }
  const inFlight = bench.attempts.filter(({ endedAtMs }) => endedAtMs === undefined).length;
  const most = Math.max(inFlight, bench.isVirtual ? 0 : 1);
  return judged(most <= limit, `limit ${limit}: ${most} in flight`);
};

const ofTimeout: Scenario = async (bench, { timeoutMs }) => {
  if (timeoutMs === null) return none('no timeout');
  bench.show(silent);
  const call = await bench.probe();
  await bench.wait(timeoutMs + 5 * bench.tickMs);
  const isAborted = call.attempts[0]?.cancelledAtMs !== undefined;
  bench.cancel(call);
  return judged(isAborted, 'its timeout: yes', 'its timeout: no, the attempt goes on');
};

const ofCaller: Scenario = async (bench, { timeoutMs }) => {
  bench.show(silent);
  const call = await bench.probe();
  await bench.wait(Math.min(workMs, (timeoutMs ?? workMs) / 4));
  const attempt = call.attempts.find(({ endedAtMs }) => endedAtMs === undefined);
  if (!attempt) return unknown("the caller's: no attempt was under way");
  bench.cancel(call);
  await bench.wait(2 * bench.tickMs);
  if (attempt.cancelledAtMs === undefined) return judged(false, "the caller's: no, the attempt goes on");
  // Later its own timeout may have aborted it.
  const lastedMs = attempt.cancelledAtMs - attempt.startedAtMs;
  if (timeoutMs !== null && lastedMs > 0.9 * timeoutMs) throw new NotMeasured(tooBusy);
  return judged(true, "the caller's: yes");
};

const duringBackoff: Scenario = async (bench, { delaysMs: [delayMs = 0] }) => {
  if (delayMs < 4 * bench.tickMs) return none(delayMs > 0 ? 'backoff too short' : 'no backoff');
  bench.show(failing());
  const call = bench.call();
  await bench.until(() => call.attempts[0]?.endedAtMs !== undefined, 1000);
  await bench.wait(delayMs / 10);
  if (call.attempts.length > 1) return unknown('the backoff was too short this time');
  bench.cancel(call);
  await bench.wait(3 * delayMs + workMs);
  return afterCancel('backoff', call, bench);
};

const inQueue: Scenario = async (bench, profile) => {
  const { limit, queues } = profile;
  if (limit === null || !queues) return none('no queue');
  const untilMs = Math.min(10 * workMs, (profile.timeoutMs ?? 10 * workMs) / 2);
  bench.show(healthy(untilMs));
  bench.burst(limit);
  await bench.wait(bench.tickMs);
  const call = await bench.probe();
  await bench.wait(untilMs / 4);
  bench.cancel(call);
  await bench.wait(2 * untilMs);
  return afterCancel('queue', call, bench);
};

function afterCancel(place: string, { endedAtMs, cancelledAtMs = 0, attempts }: Call, bench: Bench) {
  const late = attempts.filter(({ startedAtMs }) => startedAtMs > cancelledAtMs).length;
  const more = late > 0 ? `, and makes ${late} more attempts` : '';
  if (endedAtMs === undefined) return judged(false, `${place}: does not return${more}`);
  const lateMs = endedAtMs - cancelledAtMs;
  if (lateMs > bench.tickMs) bench.steady(lateMs / 2);
  const returns = lateMs <= bench.tickMs ? 'returns at once' : `returns ${duration(lateMs)} later`;
  return judged(late === 0 && lateMs <= bench.tickMs, `${place}: ${returns}${more}`);
}

const calls = 20;
const realTimeoutMaxMs = 10_500;

/** Lets one call time out among good ones, each of which is under way for a twentieth of the timeout. */
const oneTimeout: Scenario = async (bench, { timeoutMs, limit }) => {
  if (limit === 1) return none('one call at a time');
  const untilMs = timeoutMs ?? 10 * workMs;
  if (!bench.isVirtual && untilMs > realTimeoutMaxMs) throw new NotMeasured(tooLong);
  const stepMs = untilMs / calls;
  const good = healthy(1.5 * stepMs);
  bench.show(good, `one call is never answered; the others after ${duration(1.5 * stepMs)}`);
  for (let i = 0; i < calls; i++) {
    bench.call();
    await bench.wait(2 * stepMs);
  }
  bench.answer = silent;
  const slow = await bench.probe();
  bench.answer = good;
  const beside = [];
  for (let i = 0; i < calls + 5; i++) {
    beside.push(bench.call());
    await bench.wait(i === calls - 1 ? stepMs - bench.tickMs / 2 : stepMs);
    if (timeoutMs === null && i === calls - 1) bench.cancel(slow);
  }
  bench.cancel(slow);
  await bench.ended(beside, 4 * untilMs);
  const failed = beside.filter(({ isOk }) => isOk !== true).length;
  const what = timeoutMs === null ? 'cancellation' : 'timeout';
  return judged(failed === 0, `survive a ${what}`, `${failed} fail with one ${what}`);
};

export const work = {
  refusals: {
    title: 'Refusal counted as a failure of the dependency',
    safe: 'A full or open client refuses at once, and neither that nor a 429 opens a circuit',
    scenarios: [whenFull, whenOpen, whenThrottled],
  },
  limitedWork: {
    title: 'Work in flight behind a limit, when calls time out',
    safe: 'At most the limit, even if the work ignores its signal',
    scenarios: [leftWork],
  },
  cancellation: {
    title: 'Cancellation reaches the attempt',
    safe: 'Yes, from a timeout and from the caller',
    scenarios: [ofTimeout, ofCaller],
  },
  cancelledWait: {
    title: 'Cancelled in a backoff or queue',
    safe: 'Returns at once, without another attempt',
    scenarios: [duringBackoff, inQueue],
  },
  neighbours: {
    title: 'Neighbours of a call that times out',
    safe: 'All succeed',
    scenarios: [oneTimeout],
  },
};
