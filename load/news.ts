import { connect } from '@nats-io/transport-node';
import { deadline, systemClock } from '#kit/clock.ts';
import { loginOf } from '#kit/login.ts';
import { type Finished, finishedSubject } from '#kit/wire.ts';

/** Where outcomes of events come from. */
export interface News {
  /** Resolves once all news from now on will be heard; with a function that ends that. Rejects with NewsError. */
  listen(listener: (finished: Finished) => void): Promise<() => void>;
  close(): Promise<void>;
}

/** The broker that should bring the news is not there, or does not answer. */
export class NewsError extends Error {
  override readonly name = 'NewsError';
}

const connectMs = 5000;
const listenMs = 2000;

/**
 * News from a NATS server: survives its restarts, but what is said meanwhile is lost. `credentials` as
 * `user:password`. Rejects with NewsError.
 */
export async function natsNews(url: string, credentials?: string): Promise<News> {
  const connection = await connect({
    servers: url,
    name: 'load',
    ...loginOf(credentials),
    timeout: connectMs,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 100,
    reconnectJitter: 50,
    pingInterval: 2000,
  }).catch((cause) => {
    throw new NewsError(`cannot connect to the broker at ${url}: ${cause.message}`, { cause });
  });
  return {
    async listen(listener) {
      const subscription = connection.subscribe(finishedSubject, {
        callback: (error, message) => {
          const finished = error ? undefined : parse(message.string());
          if (finished) listener(finished);
        },
      });
      await deadline(connection.flush(), listenMs, systemClock).catch((cause) => {
        subscription.unsubscribe();
        throw new NewsError(`the broker at ${url} does not answer: ${cause.message}`, { cause });
      });
      return () => subscription.unsubscribe();
    },
    close: () => connection.close(),
  };
}

/** Undefined for what is not news: anyone may speak on a subject. */
function parse(text: string): Finished | undefined {
  try {
    const { id, outcome, attempts } = JSON.parse(text);
    if (typeof id === 'string' && (outcome === 'ok' || outcome === 'dead')) {
      return { id, outcome, attempts: Number.isInteger(attempts) ? attempts : 0 };
    }
  } catch {}
  return undefined;
}
