import type { Effect } from '#kit/wire.ts';
import type { VariantRecord } from '#lab/evidence/format.ts';
import type { EffectLog, LogFile, Store } from '#lab/evidence/store.ts';
import type { Writer } from '#lab/evidence/writer.ts';
import type { RecordFile, RecordLine } from '#load/record-file.ts';

/** Call of a store that a thread tells its parent. Effect logs are numbered in the order of their creation. */
export type StoreCall =
  | readonly ['record', VariantRecord]
  | readonly ['flush']
  | readonly ['requests', planned: number]
  | readonly ['request', RecordLine]
  | readonly ['effects']
  | readonly ['effect', log: number, Effect]
  | readonly ['clear', log: number]
  | readonly ['save', LogFile];

/** Returns a store for writing only, whose calls are told. */
export function tellingStore(tell: (call: StoreCall) => void): Store {
  let logs = 0;
  const unread = async () => {
    throw new Error('the thread has no evidence to read');
  };
  return {
    prepare() {},
    pathOf: (file) => file,
    writer: () => ({
      ...{ failed: new Promise<never>(() => undefined), failure: undefined },
      write: (record) => tell(['record', record]),
      flush: () => tell(['flush']),
      close() {},
    }),
    createRecord(planned) {
      tell(['requests', planned]);
      return { add: (line) => tell(['request', line]), close: async () => undefined };
    },
    createEffects() {
      const log = logs++;
      tell(['effects']);
      return {
        add: (effect) => tell(['effect', log, effect]),
        clear: () => tell(['clear', log]),
        pieces: () => [],
      };
    },
    save: async (file) => tell(['save', file]),
    ...{ records: unread, requests: unread, effects: unread, fillAttempts: unread },
  };
}

/** Repeats the calls that a thread told on a store. */
export class StoreCalls {
  readonly #store: Store;
  readonly #evidence: Writer<VariantRecord>;
  readonly #effects: EffectLog[] = [];
  #requests: RecordFile<RecordLine> | undefined;
  #saved: Promise<void> = Promise.resolve();

  constructor(store: Store) {
    this.#store = store;
    this.#evidence = store.writer(false);
  }

  repeat(call: StoreCall): void {
    const [name] = call;
    if (name === 'record') this.#evidence.write(call[1]);
    else if (name === 'flush') this.#evidence.flush();
    else if (name === 'requests') this.#requests = this.#store.createRecord(call[1]);
    else if (name === 'request') this.#requests!.add(call[1]);
    else if (name === 'effects') this.#effects.push(this.#store.createEffects());
    else if (name === 'effect') this.#effects[call[1]]!.add(call[2]);
    else if (name === 'clear') this.#effects[call[1]]!.clear();
    else {
      this.#saved = this.#save(call[1]);
      this.#saved.catch(() => undefined); // `close` rejects with its error
    }
  }

  /** Resolves when all is written. Rejects if something could not be written. */
  async close(): Promise<void> {
    try {
      await this.#requests?.close();
      await this.#saved;
      this.#evidence.flush();
      if (this.#evidence.failure) throw this.#evidence.failure;
    } finally {
      this.#evidence.close();
    }
  }

  async #save(file: LogFile): Promise<void> {
    const logs = this.#effects;
    await this.#store.save(
      file,
      (async function* () {
        for (const log of logs) yield* log.pieces();
      })(),
    );
  }
}
