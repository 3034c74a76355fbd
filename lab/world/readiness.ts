import { once } from 'node:events';
import { type Clock, deadline, sleep, systemClock } from '#kit/clock.ts';
import { tcp } from '#kit/http-client/connection.ts';
import { tlsTransport } from '#kit/http-client/tls.ts';
import { addressOf } from '#kit/urls.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';

/**
 * Calls `isReady` repeatedly until it resolves with true. Resolves with false after `withinMs`. Rejects with the
 * signal's reason if the signal aborts.
 */
export async function poll(
  isReady: () => boolean | Promise<boolean>,
  options: { everyMs: number; withinMs: number; clock: Clock; signal?: AbortSignal | undefined },
): Promise<boolean> {
  const { everyMs, withinMs, clock, signal } = options;
  const giveUpAtMs = clock.now() + withinMs;
  while (!(await isReady())) {
    if (clock.now() + everyMs > giveUpAtMs) return false;
    await sleep(everyMs, clock, signal);
  }
  return true;
}

interface ListeningOptions {
  readonly signal?: AbortSignal;
  readonly withinMs?: number;
  /** True if any certificate is accepted. */
  readonly insecure?: boolean;
  readonly clock?: Clock;
}

/**
 * Waits until `url` accepts connections, with https also TLS with a valid certificate. Rejects with TestbedError if it
 * doesn't in time, or with the signal's reason if the signal aborts.
 */
export async function untilListening(
  name: string,
  url: string,
  { signal, withinMs = 10_000, insecure = false, clock = systemClock }: ListeningOptions,
): Promise<void> {
  const isSecure = url.startsWith('https:');
  const { connect, ready } = isSecure ? tlsTransport({ insecure }) : tcp;
  const endMs = clock.now() + withinMs;
  let refusal = '';
  const isListening = async () => {
    try {
      await firstEvent(url, ready, endMs - clock.now(), signal, clock, connect);
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      // For a host name with several addresses, the error contains one error per address.
      const [first = error] = error instanceof AggregateError ? error.errors : [];
      refusal = (first as Error).message;
      return false;
    }
  };
  if (await poll(isListening, { everyMs: 100, withinMs, clock, signal })) return;
  const remedy = isSecure
    ? "is it up, is it https, and is its certificate valid? Set NODE_EXTRA_CA_CERTS to a file with the certificate of its authority, or, only for a test, insecure: true in the experiment's request"
    : 'is it up?';
  const message = `no process accepts connections at ${url}, where ${name} was expected (${refusal}): ${remedy}`;
  throw new TestbedError(`${name}-unreachable`, message);
}

const readyWithinMs = 20_000;

/** Waits until a service is ready. Then closes the client of its port. Rejects with TestbedError after 20 s. */
export async function untilReady(
  name: string,
  port: { request(method: 'GET', path: '/readyz'): Promise<unknown>; close(): Promise<void> },
  clock: Clock = systemClock,
): Promise<void> {
  let refusal = '';
  const isReady = () =>
    port.request('GET', '/readyz').then(
      () => true,
      (error: Error) => {
        refusal = error.message;
        return false;
      },
    );
  try {
    if (await poll(isReady, { everyMs: 20, withinMs: readyWithinMs, clock })) return;
    const message = `${name} was not ready within ${readyWithinMs / 1000} s: ${refusal}`;
    throw new TestbedError(`${name}-not-ready`, message);
  } finally {
    await port.close();
  }
}

/** Connects to `url`, waits for an event, and closes the socket. Rejects on an error, an abort, or after `withinMs`. */
export async function firstEvent(
  url: string,
  event: 'connect' | 'secureConnect' | 'data',
  withinMs: number,
  signal = new AbortController().signal,
  clock: Clock = systemClock,
  connect = tcp.connect,
): Promise<void> {
  const socket = connect(addressOf(url));
  const ending = new AbortController();
  try {
    const happened = once(socket, event, { signal: AbortSignal.any([signal, ending.signal]) });
    await deadline(happened, withinMs, clock);
  } finally {
    ending.abort();
    socket.on('error', () => undefined).destroy();
  }
}
