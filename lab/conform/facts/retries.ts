import { type Bench, NotMeasured, type Script, silent, tooBusy } from '#lab/conform/bench.ts';
import { dayMs, failing, hourMs, patienceMs } from '#lab/conform/probes.ts';
import type { Call } from '#lab/conform/seen.ts';
import { duration, number, plural } from '#lab/kit/text/format.ts';
import { judged, none, type Scenario, unknown } from './fact.ts';
import { leaks } from './leaks.ts';

const instances = 50;

/** Resolves once each call has made a second attempt or has ended. */
const tried = (bench: Bench, calls: readonly Call[], maxMs: number) =>
  bench.until(
    () => calls.every(({ attempts, endedAtMs }) => attempts.length > 1 || endedAtMs !== undefined),
    maxMs,
  );

/** Lets a call of each instance fail at the same time. Resolves with the sorted delays of their second attempts. */
async function secondAttempts(bench: Bench, answer: Script, delayMs: number): Promise<number[]> {
  bench.show(answer);
  const calls = Array.from({ length: instances }, (_, instance) => bench.call({ instance }));
  await tried(bench, calls, 10 * delayMs + 10_000);
  return calls
    .flatMap(({ attempts: [first, second] }) => (second ? second.startedAtMs - first!.endedAtMs! : []))
    .sort((a, b) => a - b);
}

const medianOf = (sorted: readonly number[]): number => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;

const ofRetry =
  (scenario: Scenario): Scenario =>
  async (bench, profile) =>
    profile.delaysMs.length === 0 ? none('no retry') : scenario(bench, profile);

const spread = ofRetry(async (bench, { delaysMs }) => {
  const delays = await secondAttempts(bench, failing(), delaysMs[0]!);
  if (delays.length === 0) return unknown('no second attempt was seen');
  const within = Math.max(medianOf(delays) / 10, bench.tickMs);
  const half = instances / 2;
  const halfWithin = Math.min(...delays.slice(half).map((ms, i) => ms - delays[i]!));
  const together = Math.max(
    ...delays.map((from) => delays.filter((ms) => ms >= from && ms <= from + within).length),
  );
  // A busy thread makes attempts start together, and delays some of those that would.
  bench.steady(together > half ? 4 * within : (halfWithin - within) / 2);
  const [first, last] = [delays[0]!, delays.at(-1)!].map((ms) => duration(Math.round(ms)));
  const after = first === last ? first : `${first} to ${last}`;
  return judged(together <= half, `${together} of ${instances} together, after ${after}`);
});

const asking = (retryAfterMs: number): Script => {
  return (attempt) => ({ ...failing()(attempt), status: 503, retryAfterMs });
};

/** Answers with a hint when to try again, longer than the backoff. */
const hinted = ofRetry(async (bench, { delaysMs: [baseMs = 0] }) => {
  const hintMs = 1000 * Math.ceil(bench.isVirtual ? baseMs / 200 + 20 : baseMs / 500 + 1);
  bench.show(asking(hintMs), `the dependency asks to wait ${duration(hintMs)}`);
  const call = bench.call();
  await tried(bench, [call], 2 * hintMs);
  const [first, second] = call.attempts;
  if (!second) return judged(true, 'no retry after it');
  bench.steady(hintMs / 4);
  const ms = second.startedAtMs - first!.endedAtMs!;
  return judged(ms >= 0.9 * hintMs, 'honoured', `ignored: after ${duration(Math.round(ms))}`);
});

const hintedForDays = ofRetry(async (bench) => {
  bench.show(asking(dayMs), 'the dependency asks to wait a day');
  const isTried = await tried(bench, [bench.call()], 2 * hourMs).catch((error: Error) => {
    throw error instanceof NotMeasured ? new NotMeasured(`a day: ${error.message}`) : error;
  });
  return judged(isTried, 'a day: bounded', 'a day: waits');
});

const hintedNow = ofRetry(async (bench, { delaysMs: [delayMs = 0] }) => {
  const plainMs = medianOf(await secondAttempts(bench, failing(), delayMs));
  const delays = await secondAttempts(bench, asking(0), delayMs);
  if (plainMs < 4 * bench.tickMs) return none('no backoff');
  if (delays.length === 0) return judged(true, '0: no retry');
  bench.steady(plainMs / 5);
  return judged(medianOf(delays) >= plainMs / 4, '0: keeps its backoff', '0: tries at once');
});

/** Makes failing calls at a constant rate, and waits until they have ended. Resolves with the attempts per call. */
async function outage(bench: Bench, answer: Script): Promise<number> {
  const total = bench.isVirtual ? 300 : 40;
  bench.show(answer, `${total} calls while every attempt fails`);
  for (let i = 0; i < total; i++) {
    bench.call();
    await bench.wait(20);
  }
  const calls = bench.calls;
  await bench.ended(calls, 10 * hourMs);
  bench.only = [calls[0]!, calls.at(-1)!];
  return bench.attempts.length / total;
}

/** Attempts per call that still pass as a few retries. */
const factorMax = 1.5;

const amplification = ofRetry(async (bench, { attempts }) => {
  const factor = await outage(bench, failing());
  return judged(factor <= factorMax, `${attempts} alone, ${number(factor)} in an outage`);
});

const hedges: Scenario = async (bench) => {
  bench.answer = silent;
  const call = await bench.probe();
  await bench.until(() => call.attempts.length > 1, bench.isVirtual ? 120_000 : 8000);
  const [first, second] = call.attempts;
  if (second) bench.finish(first!);
  await bench.wait(bench.tickMs);
  const isHedge = call.isOk === true;
  bench.cancel(call);
  if (!second || !isHedge) return none('none');
  const delayMs = second.startedAtMs - first!.startedAtMs;
  const factor = await outage(bench, failing(Math.round(1.5 * delayMs) + 1));
  const text = `after ${duration(Math.round(delayMs))}; ${number(factor)} attempts per call in an outage`;
  return judged(factor <= factorMax, text);
};

/** Texts and numbers in an error and its causes. */
function partsOf(error: unknown, depth = 0): unknown[] {
  if (typeof error !== 'object' || error === null || depth > 3) return [error];
  const { message, status, statusCode, code, response, cause, errors } = error as Record<string, unknown>;
  const inner = [response, cause, ...(Array.isArray(errors) ? errors : [])].filter(Boolean);
  return [error, message, status, statusCode, code, ...inner.flatMap((each) => partsOf(each, depth + 1))];
}

/** Returns the number of the attempt whose error came out; -1 if it is of none. */
function originOf(call: Call, { errors }: Bench): number {
  const parts = partsOf(errors.get(call));
  const same = call.attempts.findLastIndex((each) => errors.has(each) && parts.includes(errors.get(each)));
  if (same >= 0) return same;
  return call.attempts.findLastIndex(({ status }) =>
    parts.some((part) => part === status || (typeof part === 'string' && part.includes(String(status)))),
  );
}

const errors: Scenario = async (bench, { attempts, limit }) => {
  await outage(bench, failing());
  const failed = bench.calls.filter((call) => call.attempts.length > 0 && call.isOk === false);
  const hidden = failed.filter((call) => originOf(call, bench) < 0);
  const sample = failed.find((call) => call.attempts.length > 1) ?? failed[0];
  if (!sample) return unknown(limit === null ? 'no call failed' : 'none came out');
  bench.only = [hidden[0] ?? sample];
  if (hidden.length > 0)
    return judged(false, `another one hides it for ${hidden.length} of ${plural(failed.length, 'call')}`);
  const origin = originOf(sample, bench);
  const which = origin === sample.attempts.length - 1 ? 'last' : origin === 0 ? 'first' : 'middle';
  return judged(true, attempts > 1 ? `of the ${which} attempt` : "the attempt's");
};

const defaults: Scenario = async ({ isVirtual, tickMs }, profile) => {
  const { attempts, delaysMs, areDelaysExact, timeoutMs, isTimeoutExact } = profile;
  if (!areDelaysExact || !isTimeoutExact) throw new NotMeasured(tooBusy);
  const times = delaysMs.map((ms) => duration(Math.round(ms)));
  const shown = times.length > 4 ? [...times.slice(0, 2), '…', times.at(-1)] : times;
  const hasBackoff = delaysMs.some((ms) => ms > tickMs);
  const backoff = attempts < 2 ? 'no retry' : hasBackoff ? `backoff ${shown.join(', ')}` : 'no backoff';
  const never = isVirtual ? 'no timeout' : `no timeout within ${duration(patienceMs(isVirtual))}`;
  const text = `${backoff}; ${timeoutMs === null ? never : `timeout ${duration(Math.round(timeoutMs))}`}`;
  if (attempts < 2 && timeoutMs === null) return none(text);
  return judged(attempts < 2 || hasBackoff, text);
};

const idempotence = ofRetry(async (bench) => {
  bench.show(failing());
  const call = bench.call({ isIdempotent: false });
  await bench.ended([call], 10 * hourMs);
  const { length } = call.attempts;
  return judged(length < 2, 'not tried again', plural(length, 'attempt'));
});

export const retries = {
  spread: {
    title: 'Second attempts of 50 clients that fail together',
    safe: 'At most half of them within a tenth of the backoff',
    instances,
    scenarios: [spread],
  },
  retryAfter: {
    title: 'Retry-After',
    safe: 'Honoured, bounded, and never shorter than the backoff',
    instances,
    scenarios: [hinted, hintedForDays, hintedNow],
  },
  amplification: {
    title: 'Attempts per call when everything fails',
    safe: `At most ${factorMax} in a long outage, by a budget or a breaker`,
    scenarios: [amplification],
  },
  hedges: { title: 'Hedges', safe: 'Limited by the same budget as retries', scenarios: [hedges] },
  errors: {
    title: 'Error that comes out',
    safe: "An attempt's, also if a retry is refused",
    scenarios: [errors],
  },
  leaks: { title: 'Timers, listeners and memory left by many calls', safe: 'None', scenarios: [leaks] },
  defaults: {
    title: 'Backoff and timeout',
    safe: 'A backoff above 0 between tries',
    scenarios: [defaults],
  },
  idempotence: {
    title: 'Request that must not run twice',
    safe: 'Not tried again',
    scenarios: [idempotence],
  },
};
