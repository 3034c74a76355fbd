import { duration, number, plural } from '#lab/experiment/text/format.ts';
import type { Bench, Call } from '#lab/explore/conform/bench.ts';
import { failing, hourMs, probe, silent, waitUntil, workMs } from '#lab/explore/conform/probes.ts';
import { type Fact, judged, none, type Scenario } from './fact.ts';

const instances = 50;

/** Lets a call of each instance fail at the same time. Resolves with the delays of their second attempts. */
async function secondAttempts(bench: Bench, answer: Bench['answer'], maxMs: number): Promise<number[]> {
  bench.answer = answer;
  bench.show();
  const calls = Array.from({ length: instances }, (_, instance) => bench.call({ instance }));
  const haveTried = () =>
    calls.every(({ attempts, endedAtMs }) => attempts.length > 1 || endedAtMs !== undefined);
  await waitUntil(bench, haveTried, maxMs);
  return calls.flatMap(({ attempts: [first, second] }) =>
    second ? [second.startedAtMs - first!.endedAtMs!] : [],
  );
}

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const ofRetry =
  (scenario: Scenario): Scenario =>
  async (bench, profile) =>
    profile.attempts < 2 ? none('no retry') : scenario(bench, profile);

export const spread: Fact = {
  title: 'Second attempts of 50 clients that fail together',
  safe: 'At most half of them within a tenth of the backoff',
  instances,
  scenarios: [
    ofRetry(async (bench, { delaysMs }) => {
      const delays = await secondAttempts(bench, failing(bench), 10 * delaysMs[0]! + workMs);
      if (delays.length === 0) return { verdict: 'unknown', text: 'no second attempt was seen' };
      const middle = medianOf(delays);
      const within = Math.max(middle / 10, bench.tickMs);
      const together = Math.max(
        ...delays.map((from) => delays.filter((ms) => ms >= from && ms <= from + within).length),
      );
      const [first, last] = [Math.min(...delays), Math.max(...delays)].map((ms) => duration(Math.round(ms)));
      return judged(
        together <= instances / 2,
        `${together} of ${instances} together, after ${first === last ? first : `${first} to ${last}`}`,
      );
    }),
  ],
};

/** Answers with a hint when to try again, longer than the backoff. */
const hinted: Scenario = async (bench, { delaysMs }) => {
  const base = delaysMs[0]!;
  const hintMs = bench.isVirtual
    ? Math.ceil((5 * base) / 1000 + 20) * 1000
    : Math.ceil((2 * base) / 1000 + 1) * 1000;
  bench.answer = (attempt) => ({ ...failing(bench)(attempt), status: 503, retryAfterMs: hintMs });
  bench.show(`the dependency asks to wait ${duration(hintMs)}`);
  const call = bench.call();
  await waitUntil(bench, () => call.attempts.length > 1 || call.endedAtMs !== undefined, 2 * hintMs);
  const [first, second] = call.attempts;
  if (!second) return judged(true, 'no retry after it');
  const ms = second.startedAtMs - first!.endedAtMs!;
  return judged(
    ms >= 0.9 * hintMs,
    ms >= 0.9 * hintMs ? 'honoured' : `ignored: after ${duration(Math.round(ms))}`,
  );
};

const dayMs = 24 * hourMs;

const hintedForDays: Scenario = async (bench) => {
  bench.answer = (attempt) => ({ ...failing(bench)(attempt), status: 503, retryAfterMs: dayMs });
  bench.show('the dependency asks to wait a day');
  const call = bench.call();
  await waitUntil(
    bench,
    () => call.attempts.length > 1 || call.endedAtMs !== undefined,
    bench.isVirtual ? 2 * hourMs : 15_000,
  );
  const isOver = call.attempts.length > 1 || call.endedAtMs !== undefined;
  if (!isOver && !bench.isVirtual) return { verdict: 'unknown', text: 'a day: waits more than 15 s' };
  return judged(isOver, isOver ? 'a day: bounded' : 'a day: waits');
};

const hintedNow: Scenario = async (bench, { delaysMs }) => {
  const maxMs = 10 * delaysMs[0]! + workMs;
  const plain = medianOf(await secondAttempts(bench, failing(bench), maxMs));
  const now = (attempt: Parameters<Bench['answer']>[0]) => ({
    ...failing(bench)(attempt),
    status: 503,
    retryAfterMs: 0,
  });
  const delays = await secondAttempts(bench, now, maxMs);
  if (plain < 4 * bench.tickMs) return none('no backoff');
  if (delays.length === 0) return judged(true, '0: no retry');
  return judged(
    medianOf(delays) >= plain / 4,
    medianOf(delays) >= plain / 4 ? '0: keeps its backoff' : '0: tries at once',
  );
};

export const retryAfter: Fact = {
  title: 'Retry-After',
  safe: 'Honoured, bounded, and never shorter than the backoff',
  instances,
  scenarios: [hinted, hintedForDays, hintedNow].map(ofRetry),
};

/** Makes failing calls at a constant rate, and resolves once they have ended. */
async function outage(bench: Bench, answer: Bench['answer']): Promise<Call[]> {
  const total = bench.isVirtual ? 300 : 40;
  bench.answer = answer;
  bench.show(`${total} calls while every attempt fails`);
  const calls: Call[] = [];
  for (let i = 0; i < total; i++) {
    calls.push(bench.call());
    await bench.wait(20);
  }
  await bench.ended(calls, bench.isVirtual ? 10 * hourMs : 10_000);
  bench.showOnly([calls[0]!, calls.at(-1)!]);
  return calls;
}

/** Attempts per call that still pass as a few retries. */
const factorMax = 1.5;

export const amplification: Fact = {
  title: 'Attempts per call when everything fails',
  safe: `At most ${factorMax} in a long outage, by a budget or a breaker`,
  scenarios: [
    ofRetry(async (bench, { attempts }) => {
      await outage(bench, failing(bench));
      const factor = bench.shownAttempts.length / bench.shownCalls.length;
      return judged(factor <= factorMax, `${attempts} alone, ${number(factor)} in an outage`);
    }),
  ],
};

export const hedges: Fact = {
  title: 'Hedges',
  safe: 'Limited by the same budget as retries',
  scenarios: [
    async (bench) => {
      bench.answer = silent;
      const call = await probe(bench);
      await waitUntil(bench, () => call.attempts.length > 1, bench.isVirtual ? 120_000 : 8000);
      const [first, second] = call.attempts;
      bench.answer = silent;
      if (second && first?.endedAtMs === undefined) first!.finish({ status: 200 });
      await bench.wait(bench.tickMs);
      const isHedge = call.isOk === true;
      call.cancel();
      if (!second || !isHedge) return none('none');
      const delayMs = second.startedAtMs - first!.startedAtMs;
      await outage(bench, failing(bench, Math.round(1.5 * delayMs) + 1));
      const factor = bench.shownAttempts.length / bench.shownCalls.length;
      return judged(
        factor <= factorMax,
        `after ${duration(Math.round(delayMs))}; ${number(factor)} attempts per call in an outage`,
      );
    },
  ],
};

/** Texts and numbers in an error and its causes. */
function partsOf(error: unknown, depth = 0): unknown[] {
  if (typeof error !== 'object' || error === null || depth > 3) return [error];
  const { message, status, statusCode, code, response, cause, errors } = error as Record<string, unknown>;
  const inner = [response, cause, ...(Array.isArray(errors) ? errors : [])].filter(Boolean);
  return [error, message, status, statusCode, code, ...inner.flatMap((each) => partsOf(each, depth + 1))];
}

/** Returns the number of the attempt whose error came out; -1 if it is of none. */
function originOf({ error, attempts }: Call): number {
  const parts = partsOf(error);
  const same = attempts.findLastIndex(
    (attempt) => attempt.error !== undefined && parts.includes(attempt.error),
  );
  if (same >= 0) return same;
  return attempts.findLastIndex(({ status }) =>
    parts.some((part) => part === status || (typeof part === 'string' && part.includes(String(status)))),
  );
}

export const errors: Fact = {
  title: 'Error that comes out',
  safe: "An attempt's, also if a retry is refused",
  scenarios: [
    async (bench, { attempts, limit }) => {
      const calls = await outage(bench, failing(bench));
      const tried = calls.filter((call) => call.attempts.length > 0 && call.isOk === false);
      const hidden = tried.filter((call) => originOf(call) < 0);
      const sample = tried.find((call) => call.attempts.length > 1) ?? tried[0];
      if (!sample) return { verdict: 'unknown', text: limit === null ? 'no call failed' : 'none came out' };
      bench.showOnly([hidden[0] ?? sample]);
      const origin = originOf(sample);
      const which = origin === sample.attempts.length - 1 ? 'last' : origin === 0 ? 'first' : 'middle';
      if (hidden.length > 0)
        return judged(false, `another one hides it for ${hidden.length} of ${plural(tried.length, 'call')}`);
      return judged(true, attempts > 1 ? `of the ${which} attempt` : "the attempt's");
    },
  ],
};

export const defaults: Fact = {
  title: 'Backoff and timeout',
  safe: 'A backoff above 0 between tries',
  scenarios: [
    async (bench, { attempts, delaysMs, timeoutMs }) => {
      bench.answer = failing(bench);
      bench.show();
      const call = bench.call();
      await bench.ended([call], bench.isVirtual ? 10 * hourMs : 20_000);
      const times = delaysMs.map((ms) => duration(Math.round(ms)));
      const shown = times.length > 4 ? [...times.slice(0, 2), '…', times.at(-1)] : times;
      const backoff = attempts > 1 ? `backoff ${shown.join(', ')}` : 'no retry';
      const timeout = timeoutMs === null ? 'no timeout' : `timeout ${duration(Math.round(timeoutMs))}`;
      const text = `${backoff}; ${timeout}`;
      if (attempts < 2) return timeoutMs === null ? none(text) : judged(true, text);
      return judged(
        delaysMs.some((ms) => ms > bench.tickMs),
        text,
      );
    },
  ],
};

export const idempotence: Fact = {
  title: 'Request that must not run twice',
  safe: 'Not tried again',
  scenarios: [
    ofRetry(async (bench) => {
      bench.answer = failing(bench);
      bench.show();
      const call = bench.call({ isIdempotent: false });
      await bench.ended([call], bench.isVirtual ? 10 * hourMs : 20_000);
      const { length } = call.attempts;
      return judged(length < 2, length < 2 ? 'not tried again' : plural(length, 'attempt'));
    }),
  ],
};
