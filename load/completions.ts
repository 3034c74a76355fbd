import { connect } from '@nats-io/transport-node';
import { loginOf } from '#kit/broker/login.ts';
import { deadline, systemClock } from '#kit/clock.ts';
import { type DeliveryReport, finishedSubject } from '#kit/wire.ts';

/** Where outcomes of events come from. */
export interface News {
  /** Resolves once all news from now on will be heard; with a function that ends that. Rejects with NewsError. */
  listen(listener: (report: DeliveryReport) => void): Promise<() => void>;
  close(): Promise<void>;
}

/** The broker that should bring the news is not there, or does not answer. */
export class CompletionsError extends Error {
  override readonly name = 'NewsError';
}

const connectMs = 5000;
const listenMs = 2000;

/**
 * News from a NATS server: survives its restarts, but what is said meanwhile is lost. `credentials` as
 * `user:password`. Rejects with NewsError.
 */
export async function natsCompletions(url: string, credentials?: string): Promise<News> {
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
    throw new CompletionsError(`cannot connect to the broker at ${url}: ${cause.message}`, { cause });
  });
  return {
    async listen(listener) {
      const subscription = connection.subscribe(finishedSubject, {
        callback: (error, message) => {
          const report = error ? undefined : parse(message.string());
          if (report) listener(report);
        },
      });
      await deadline(connection.flush(), listenMs, systemClock).catch((cause) => {
        subscription.unsubscribe();
        throw new CompletionsError(`the broker at ${url} does not answer: ${cause.message}`, { cause });
      });
      return () => subscription.unsubscribe();
    },
    close: () => connection.close(),
  };
}

/** A report has an id of at most 128 characters and three numbers. */
const textCharsMax = 1000;

/** Undefined for what is not a report: anyone may speak on a subject. With a number out of its bounds none is taken. */
function parse(text: string): DeliveryReport | undefined {
  if (text.length > textCharsMax) return undefined;
  try {
    const { id, outcome, delivery, redrives, attempts } = JSON.parse(text);
    if (typeof id !== 'string' || !outcomes.has(outcome)) return undefined;
    const isSound = isCount(delivery, 1) && isCount(redrives, 0) && isCount(attempts, 0);
    return isSound ? { id, outcome, delivery, redrives, attempts } : { id, outcome };
  } catch {}
  return undefined;
}

const outcomes: ReadonlySet<unknown> = new Set(['ok', 'dead', 'redelivered']);

const isCount = (value: unknown, least: number): boolean =>
  value === undefined || (Number.isInteger(value) && Number(value) >= least && Number(value) <= 1_000_000);
