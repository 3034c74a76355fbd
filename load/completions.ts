import { connectBroker } from '#kit/broker/nats.ts';
import { deadline, systemClock } from '#kit/clock.ts';
import { type DeliveryReport, finishedSubject } from '#kit/wire.ts';
import { readReport } from './report.ts';

const connectMs = 5000;
const listenMs = 2000;

/** Source of completions, which report the outcomes of events. */
export type Completions = Awaited<ReturnType<typeof natsCompletions>>;

/**
 * Connects to a NATS server and resolves with a source of completions. The source reconnects after a restart of the
 * server, but misses completions published before. `credentials` is `user:password`. Rejects if it can't connect.
 */
export async function natsCompletions(url: string, credentials?: string) {
  const connection = await connectBroker(url, 'load', credentials, connectMs).catch((cause) => {
    throw new Error(`cannot connect to the broker at ${url}: ${cause.message}`, { cause });
  });
  return {
    /** Calls the listener with each report, until the returned function is called. Rejects if the broker doesn't answer. */
    async listen(listener: (report: DeliveryReport) => void): Promise<() => void> {
      const subscription = connection.subscribe(finishedSubject, {
        callback: (error, message) => {
          const report = error ? undefined : readReport(message.string());
          if (report) listener(report);
        },
      });
      await deadline(connection.flush(), listenMs, systemClock).catch((cause) => {
        subscription.unsubscribe();
        throw new Error(`the broker at ${url} does not answer: ${cause.message}`, { cause });
      });
      return () => subscription.unsubscribe();
    },
    close: (): Promise<void> => connection.close(),
  };
}
