import { StorageError } from '#kit/process/storage.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';

/**
 * Resolves with the answer of a broker. Rejects with StorageError if the broker has no space, else with TestbedError.
 */
export function answerOf<T>(natsUrl: string, answer: Promise<T>): Promise<T> {
  return answer.catch((cause) => {
    if (cause instanceof StorageError) throw cause;
    const message = `the broker at ${natsUrl} gave an unexpected answer: ${cause.message}`;
    throw new TestbedError('nats-failed', message, { cause });
  });
}
