import { type RecordFile, type RecordLine, rounded } from '#load/record-file.ts';
import { EffectCollector, type Effects } from './effects.ts';
import type { VariantRecord } from './format.ts';
import { type VariantEvidence, VariantRecords } from './reader.ts';
import { Requests } from './requests.ts';
import type { EffectLog, RunStore, Store } from './store.ts';
import type { Writer } from './writer.ts';

const never = new Promise<never>(() => undefined);

/** Returns a writer that never fails. */
const writerOf = <R>(write: (record: R) => void): Writer<R> => ({
  ...{ write, failed: never, failure: undefined },
  flush() {},
  close() {},
});

/** Evidence of a simulation in memory, for its figures alone. Nothing becomes text. */
export class FigureStore implements Store {
  readonly #records = new VariantRecords();
  #requests = new Requests(0);
  #effects = new EffectCollector(0);

  prepare(): void {}

  pathOf(file: string): string {
    return file;
  }

  writer(): Writer<VariantRecord> {
    return writerOf((record) => void this.#records.add(record));
  }

  createRecord(planned: number): RecordFile<RecordLine> {
    const requests = new Requests(planned);
    this.#requests = requests;
    this.#effects = new EffectCollector(planned);
    return {
      async flush() {},
      add: (line) =>
        requests.add({
          ...line,
          scheduledAtMs: rounded(line.scheduledAtMs),
          lagMs: rounded(line.lagMs),
          latencyMs: rounded(line.latencyMs),
        }),
      async close() {},
    };
  }

  createEffects(): EffectLog {
    return {
      add: (effect) => this.#effects.add(effect),
      clear: () => {
        this.#effects = new EffectCollector(this.#effects.counts.length);
      },
      pieces: () => [],
      close() {},
    };
  }

  async save(): Promise<void> {}

  async records(): Promise<VariantEvidence> {
    return this.#records.all;
  }

  async requests(): Promise<Requests> {
    return this.#requests.copy();
  }

  async effects(): Promise<Effects> {
    return this.#effects;
  }

  async fillAttempts(): Promise<void> {}
}

/** Returns a store for the figures of one run. */
export function figuresOnly(): RunStore {
  const variants = new Map<string, Store>();
  return {
    folder: 'memory',
    writer: () => writerOf(() => undefined),
    simulations: () => undefined,
    variant(name) {
      const store = variants.get(name) ?? new FigureStore();
      variants.set(name, store);
      return store;
    },
  };
}
