import { once } from 'node:events';
import { createConnection } from 'node:net';
import { type Clock, deadline, sleep, systemClock } from '#kit/clock.ts';
import { addressOf } from '#kit/urls.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';

const everyMs = 100;

interface Options {
  /** Ends the wait. */
  readonly signal?: AbortSignal;
  readonly withinMs?: number;
  readonly clock?: Clock;
}

/**
 * Resolves once what is expected at `url` takes connections, which a service that was started just before does not yet.
 * Rejects with TestbedError when it doesn't in time, or with the signal's reason.
 */
export async function untilListening(name: string, url: string, options: Options): Promise<void> {
  const { signal = new AbortController().signal, withinMs = 10_000, clock = systemClock } = options;
  const endMs = clock.now() + withinMs;
  for (;;) {
    const refusal = await refusalOf(url, endMs - clock.now(), signal, clock);
    if (refusal === undefined) return;
    if (clock.now() + everyMs > endMs) {
      const message = `nothing takes connections at ${url}, where ${name} was expected (${refusal}): is it up?`;
      throw new TestbedError(`${name}-unreachable`, message);
    }
    await sleep(everyMs, clock, signal);
  }
}

/** Why there is no connection. Rejects with the signal's reason. */
async function refusalOf(
  url: string,
  withinMs: number,
  signal: AbortSignal,
  clock: Clock,
): Promise<string | undefined> {
  const socket = createConnection(addressOf(url));
  const ending = new AbortController();
  try {
    const connected = once(socket, 'connect', { signal: AbortSignal.any([signal, ending.signal]) });
    await deadline(connected, withinMs, clock);
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    // A name with several addresses is refused by each.
    const [first = error] = error instanceof AggregateError ? error.errors : [];
    return (first as Error).message;
  } finally {
    ending.abort();
    socket.on('error', () => undefined).destroy();
  }
}
