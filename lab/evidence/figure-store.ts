import { rounded } from '#load/record-file.ts';
import { EffectCollector } from './effects.ts';
import { type VariantEvidence, VariantRecords } from './reader.ts';
import { Requests } from './requests.ts';
import type { KeptEvidence, RunStore, Store } from './store.ts';
import type { Writer } from './writer.ts';

const never = new Promise<never>(() => undefined);

const writerOf = <R>(write: (record: R) => void): Writer<R> => ({
  ...{ write, failed: never },
  flush() {},
  close() {},
});

/** Returns a store in memory of a simulation's evidence, for its figures alone. Nothing becomes text. */
export function figureStore(): Store & { readonly kept: () => KeptEvidence } {
  const records = new VariantRecords();
  let requests = new Requests(0);
  let effects = new EffectCollector(0);
  let received: VariantEvidence | undefined;
  return {
    kept: () => ({ records: records.all, requests, effects }),
    keep(evidence) {
      received = evidence.records;
      requests = Object.assign(new Requests(0), evidence.requests);
      effects = Object.assign(new EffectCollector(0), evidence.effects);
    },
    prepare() {},
    pathOf: (file) => file,
    writer: () => writerOf((record) => void records.add(record)),
    createRecord(planned) {
      requests = new Requests(planned);
      effects = new EffectCollector(planned);
      return {
        add: (line) =>
          requests.add({
            ...line,
            scheduledAtMs: rounded(line.scheduledAtMs),
            lagMs: rounded(line.lagMs),
            latencyMs: rounded(line.latencyMs),
          }),
        close: nothing,
      };
    },
    createEffects: () => ({
      add: (effect) => effects.add(effect),
      clear() {
        effects = new EffectCollector(effects.counts.length);
      },
      pieces: () => [],
    }),
    save: nothing,
    records: async () => received ?? records.all,
    requests: async () => requests,
    effects: async () => effects,
    fillAttempts: nothing,
  };
}

const nothing = async () => undefined;

export function figuresOnly(): RunStore {
  const variants = new Map<string, Store>();
  return {
    folder: 'memory',
    writer: () => writerOf(() => undefined),
    simulations: () => undefined,
    variant(name) {
      const store = variants.get(name) ?? figureStore();
      variants.set(name, store);
      return store;
    },
  };
}
