import type { JetStreamManager, NextMsgRequest, StoredMsg } from '@nats-io/jetstream';

/** Readers of one stream: as many messages are on their way at most. */
const readers = 32;

/**
 * Calls `take` with each message that a stream holds, in no particular order, and touches nothing of what a consumer will
 * get. A work queue allows one consumer only, and nats-server 2.10 gives no batches without one: so messages are asked
 * for one by one, by readers that share the sequences among them.
 */
export async function eachMessage(
  { streams }: Pick<JetStreamManager, 'streams'>,
  stream: string,
  take: (message: StoredMsg) => void,
): Promise<void> {
  const { state } = await streams.info(stream);
  if (state.messages === 0) return;
  const share = Math.ceil((state.last_seq - state.first_seq + 1) / readers);
  const read = async (first: number, last: number) => {
    for (let seq = first; seq <= last; ) {
      // The next one there is, so that sequences that are gone cost nothing.
      const next: NextMsgRequest & { seq: number } = { seq, next_by_subj: '>' };
      const message = await streams.getMessage(stream, next);
      if (!message || message.seq > last) return;
      take(message);
      seq = message.seq + 1;
    }
  };
  const starts = Array.from({ length: readers }, (_, reader) => state.first_seq + reader * share);
  await Promise.all(starts.map((first) => read(first, Math.min(first + share - 1, state.last_seq))));
}
