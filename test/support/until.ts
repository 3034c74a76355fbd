import { setTimeout as wait } from 'node:timers/promises';

/** Repeats `ask` until its answer is truthy, and resolves with the answer. Rejects after a timeout. */
export async function until<T>(
  ask: () => T | Promise<T>,
  what = ask.toString(),
  patienceMs = 60_000,
): Promise<NonNullable<T>> {
  const giveUpAtMs = performance.now() + patienceMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > giveUpAtMs) throw new Error(`still not after ${patienceMs} ms: ${what}`);
    await wait(2);
  }
}
