import { setTimeout as wait } from 'node:timers/promises';

/** Asks again and again until the answer is truthy, and resolves with it. Rejects when that takes too long. */
export async function until<T>(
  ask: () => T | Promise<T>,
  what = ask.toString(),
  patienceMs = 10_000,
): Promise<NonNullable<T>> {
  const giveUpAtMs = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > giveUpAtMs) throw new Error(`still not after ${patienceMs} ms: ${what}`);
    await wait(2);
  }
}
