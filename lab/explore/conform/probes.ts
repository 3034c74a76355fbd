import { type Attempt, type Bench, type Call, failureOf } from './bench.ts';

const day = 86_400_000;
export const hourMs = day / 24;
const minuteMs = 60_000;

/** Duration of work and answers in most scenarios. */
export const workMs = 100;

/** Policies of a client, found by its behaviour. */
export interface Profile {
  /** Attempts of a call all of whose attempts fail. */
  readonly attempts: number;
  /** Times between the end of an attempt and the start of the next one. */
  readonly delaysMs: readonly number[];
  /** Time after which the client gives up an attempt without an answer; null if it doesn't. */
  readonly timeoutMs: number | null;
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

type Found<T extends keyof Profile> = (bench: Bench, known: Partial<Profile>) => Promise<Pick<Profile, T>>;

export const failing =
  (bench: Bench, afterMs = 5) =>
  (attempt: Attempt) => ({ afterMs, status: failureOf(attempt, bench) });
export const healthy = (afterMs: number) => () => ({ afterMs });
export const silent = () => ({ afterMs: Number.POSITIVE_INFINITY });

/** Makes calls at the same time. */
export const callAtOnce = (bench: Bench, calls: number): Call[] =>
  Array.from({ length: calls }, () => bench.call());

/** Makes a call, and resolves with it once it had time for an attempt. */
export async function probe(bench: Bench): Promise<Call> {
  const call = bench.call();
  await bench.wait(bench.tickMs);
  return call;
}

/** Makes calls one after another. Returns the number of those that made an attempt at once. */
export async function admittedOf(bench: Bench, calls: number): Promise<number> {
  let admitted = 0;
  for (let i = 0; i < calls; i++) {
    const call = await probe(bench);
    admitted += Number(call.attempts.length > 0);
    if (call.attempts.length === 0) call.cancel();
  }
  return admitted;
}

const retry: Found<'attempts' | 'delaysMs'> = async (bench) => {
  bench.answer = failing(bench);
  const call = bench.call();
  await bench.ended([call], bench.isVirtual ? 10 * hourMs : 16_000);
  const { attempts } = call;
  const delaysMs = attempts.slice(1).map(({ startedAtMs }, i) => startedAtMs - attempts[i]!.endedAtMs!);
  return { attempts: attempts.length, delaysMs };
};

const timeout: Found<'timeoutMs'> = async (bench) => {
  bench.answer = silent;
  const call = bench.call();
  const over = () => {
    const [first, second] = call.attempts;
    return first?.cancelledAtMs ?? second?.startedAtMs ?? call.endedAtMs;
  };
  await waitUntil(bench, () => over() !== undefined, bench.isVirtual ? hourMs : 16_000);
  const atMs = over();
  return {
    timeoutMs: atMs === undefined || call.attempts.length === 0 ? null : atMs - call.attempts[0]!.startedAtMs,
  };
};

const burst = 200;

const limit: Found<'limit' | 'queues'> = async (bench) => {
  bench.answer = healthy(workMs);
  const calls = callAtOnce(bench, burst);
  await bench.wait(workMs / 2);
  const inFlight = bench.attempts.length;
  await bench.ended(calls, bench.isVirtual ? minuteMs : 8000);
  const isLimited = inFlight > 0 && inFlight < burst;
  return { limit: isLimited ? inFlight : null, queues: isLimited && bench.attempts.length > inFlight };
};

const breaker: Found<'breaker'> = async (bench, known) => {
  bench.answer = healthy(0);
  // A client that delays calls of a healthy dependency would look like a breaker.
  const isPrompt = (await admittedOf(bench, 5)) === 5;
  const calls = isPrompt ? await trip(bench, known) : null;
  if (calls === null) return { breaker: null };
  const openedAtMs = bench.now();
  const call = await waitForAttempt(bench, bench.isVirtual ? hourMs : 12_000);
  return { breaker: { calls, openMs: call && call.startedAtMs - openedAtMs } };
};

const discoveries = { retry, timeout, limit, breaker };

export type Discovery = keyof typeof discoveries;

/** Names of discoveries, in groups that need those before. */
export const discoveryGroups: readonly (readonly Discovery[])[] = [
  ['retry', 'timeout', 'limit'],
  ['breaker'],
];

/** Finds a part of the profile of a fresh client. */
export const discover = (name: Discovery, bench: Bench, known: Partial<Profile>): Promise<Partial<Profile>> =>
  discoveries[name](bench, known);

/**
 * Lets calls fail one after another, until the client makes no attempt for three of them. Returns the number of failed
 * calls; null if it always makes an attempt.
 */
export async function trip(bench: Bench, { limit = null }: Partial<Profile>): Promise<number | null> {
  bench.answer = failing(bench);
  const before = bench.calls.length;
  const most = bench.isVirtual ? 200 : 40;
  let withheld = 0;
  for (let calls = 0; calls < most; calls++) {
    const call = await probe(bench);
    withheld = call.attempts.length > 0 ? 0 : withheld + 1;
    if (withheld === 3) {
      for (const each of bench.calls.slice(before)) each.cancel();
      await bench.wait(bench.tickMs);
      return calls - 2;
    }
    if (withheld > 0) continue;
    await waitUntil(bench, () => call.attempts[0]!.endedAtMs !== undefined, 1000);
    // Calls that wait for a retry may hold a slot.
    const hasRoom = () =>
      bench.calls.filter(({ endedAtMs }) => endedAtMs === undefined).length <
      (limit ?? Number.POSITIVE_INFINITY);
    await waitUntil(bench, hasRoom, bench.isVirtual ? hourMs : 4000);
  }
  return null;
}

/** Makes a call from time to time until one makes an attempt. Returns it; null if none does within `maxMs`. */
export async function waitForAttempt(bench: Bench, maxMs: number): Promise<Call | null> {
  const startMs = bench.now();
  for (;;) {
    const call = await probe(bench);
    if (call.attempts.length > 0) return call;
    call.cancel();
    const elapsedMs = bench.now() - startMs;
    if (elapsedMs > maxMs) return null;
    await bench.wait(Math.max(workMs, elapsedMs / 100));
  }
}

/** Opens the circuit and waits until trial calls are due. */
export async function tripAndRest(bench: Bench, profile: Profile): Promise<void> {
  await trip(bench, profile);
  const openMs = profile.breaker?.openMs ?? 0;
  await bench.wait(1.2 * openMs + workMs);
}

/** Waits for a condition, at most for `maxMs`. */
export async function waitUntil(bench: Bench, isSo: () => boolean, maxMs: number): Promise<void> {
  const startMs = bench.now();
  for (
    let ms = bench.tickMs;
    !isSo() && bench.now() - startMs < maxMs;
    ms = Math.max(ms, (bench.now() - startMs) / 1000)
  )
    await bench.wait(ms);
}
