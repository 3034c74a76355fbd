import { type Bench, healthy, NotMeasured, type Script, silent } from './bench.ts';
import type { Call } from './seen.ts';

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;

/** Duration of work and answers in most scenarios. */
export const workMs = 100;

/** Policies of a client, found by its behaviour. */
export interface Profile {
  /** Attempts of a call all of whose attempts fail. */
  readonly attempts: number;
  /** Times between the end of an attempt and the start of the next one. */
  readonly delaysMs: readonly number[];
  /** True if these times are right to a tenth. */
  readonly areDelaysExact: boolean;
  /** Time after which the client gives up an attempt without an answer; null if it doesn't within `patienceMs`. */
  readonly timeoutMs: number | null;
  readonly isTimeoutExact: boolean;
  /** Most calls at the dependency at the same time; null if there is no limit. */
  readonly limit: number | null;
  /** True if calls beyond the limit wait. */
  readonly queues: boolean;
  /** Null if the client makes attempts however many have failed. */
  readonly breaker: {
    /** Failed calls that open the circuit. */
    readonly calls: number;
    /** Time from the last of them to the next attempt; null if there is none. */
    readonly openMs: number | null;
  } | null;
}

/** Returns a profile that throws NotMeasured where an unknown part is read. */
export const profileOf = (known: Partial<Profile>): Profile =>
  new Proxy(known as Profile, {
    get(_, part: keyof Profile) {
      if (known[part] === undefined) throw new NotMeasured('its policies were not found in real time');
      return known[part];
    },
  });

/** Statuses of an attempt by its number. They differ, so that the error of a call tells which attempt it is from. */
const statuses = [503, 500, 502, 504];

export const failing =
  (afterMs = 5): Script =>
  (attempt) => ({ afterMs, status: statuses[attempt % statuses.length]! });

/** Longest wait for a timeout. */
export const patienceMs = (isVirtual: boolean): number => (isVirtual ? hourMs : 16_000);

async function retry(bench: Bench): Promise<Partial<Profile>> {
  bench.answer = failing();
  const call = bench.call();
  const { attempts } = call;
  const isOver = await bench.ended([call], 10 * hourMs).catch((error) => {
    if (attempts.length < 2) throw error;
  });
  const times = attempts
    .slice(1)
    .map(({ startedAtMs }, i) => [attempts[i]!.endedAtMs!, startedAtMs] as const);
  return {
    ...(isOver !== undefined && { attempts: attempts.length }),
    delaysMs: times.map(([from, to]) => to - from),
    areDelaysExact: times.every(([from, to]) => bench.isExact(from, to)),
  };
}

async function timeout(bench: Bench): Promise<Partial<Profile>> {
  bench.answer = silent;
  const call = bench.call();
  const { attempts } = call;
  const overAtMs = () => attempts[0]?.cancelledAtMs ?? attempts[1]?.startedAtMs ?? call.endedAtMs;
  await bench.until(() => overAtMs() !== undefined, patienceMs(bench.isVirtual));
  const atMs = overAtMs();
  if (atMs === undefined || !attempts[0]) return { timeoutMs: null, isTimeoutExact: true };
  const { startedAtMs } = attempts[0];
  return { timeoutMs: atMs - startedAtMs, isTimeoutExact: bench.isExact(startedAtMs, atMs) };
}

const burst = 200;

async function limit(bench: Bench): Promise<Partial<Profile>> {
  bench.answer = silent;
  const calls = bench.burst(burst);
  const inFlight = () => bench.attempts.filter(({ endedAtMs }) => endedAtMs === undefined).length;
  let before: number;
  let limit = 0;
  do {
    before = limit;
    await bench.wait(workMs / 2);
    limit = inFlight();
  } while (limit > before && limit < burst);
  // A thread that was held up has yet to start the other attempts.
  if (limit < burst) bench.steady(workMs / 2);
  if (limit === 0 || limit === burst) return { limit: null, queues: false };
  const started = bench.attempts.length;
  bench.answer = healthy(workMs);
  for (const attempt of bench.attempts.slice()) bench.finish(attempt);
  await bench.ended(calls, minuteMs);
  return { limit, queues: bench.attempts.length > started };
}

async function breaker(bench: Bench, known: Profile): Promise<Partial<Profile>> {
  bench.answer = healthy(0);
  // A client that delays calls of a healthy dependency would look like a breaker.
  const isPrompt = (await bench.admitted(5)) === 5;
  const calls = isPrompt ? await trip(bench, known) : null;
  if (calls === null) return { breaker: null };
  const openedAtMs = bench.now();
  const call = await waitForAttempt(bench, hourMs);
  return { breaker: { calls, openMs: call && call.startedAtMs - openedAtMs } };
}

/** Functions that find a part of the profile of a fresh client. `breaker` needs to know `limit`. */
export const discoveries = { retry, timeout, limit, breaker };

/**
 * Lets calls fail one after another, until the client makes no attempt for three of them. Returns the number of failed
 * calls; null if it always makes an attempt.
 */
export async function trip(
  bench: Bench,
  { limit }: Profile,
  answer: Script = failing(),
): Promise<number | null> {
  bench.answer = answer;
  const before = bench.calls.length;
  const most = bench.isVirtual ? 200 : 40;
  const pending = () => bench.calls.filter(({ endedAtMs }) => endedAtMs === undefined).length;
  let withheld = 0;
  for (let calls = 0; calls < most; calls++) {
    const call = await bench.probe();
    withheld = call.attempts.length > 0 ? 0 : withheld + 1;
    if (withheld === 3) {
      for (const each of bench.calls.slice(before)) bench.cancel(each);
      await bench.wait(bench.tickMs);
      return calls - 2;
    }
    if (withheld > 0) continue;
    await bench.until(() => call.attempts[0]!.endedAtMs !== undefined, 1000);
    // Calls that wait for a retry may hold a slot.
    if (limit !== null) await bench.until(() => pending() < limit, hourMs);
  }
  return null;
}

/** Makes a call from time to time until one makes an attempt. Returns it; null if none does within `maxMs`. */
export async function waitForAttempt(bench: Bench, maxMs: number): Promise<Call | null> {
  const startMs = bench.now();
  for (;;) {
    const call = await bench.probe();
    if (call.attempts.length > 0) return call;
    bench.cancel(call);
    if (bench.isOver(startMs, maxMs)) return null;
    await bench.wait(Math.max(workMs, (bench.now() - startMs) / 100));
  }
}

/** Opens the circuit and waits until trial calls are due. */
export async function tripAndRest(bench: Bench, profile: Profile): Promise<void> {
  await trip(bench, profile);
  const openMs = profile.breaker?.openMs ?? 0;
  await bench.wait(1.2 * openMs + workMs);
}
