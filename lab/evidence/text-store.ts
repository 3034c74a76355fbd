import { effectLine } from '#kit/wire.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { recordHeader } from '#load/protocol.ts';
import { lineOf, type RecordFile, type RecordLine } from '#load/record-file.ts';
import { readEffects, type ToLab } from './effects.ts';
import type { Files } from './files.ts';
import { evidenceFile } from './format.ts';
import { LineChunks } from './line-chunks.ts';
import { readVariant } from './reader.ts';
import { fillAttempts, type Possible, type Requests, readRecord } from './requests.ts';
import { type EffectLog, type LogFile, recordFile, type Store } from './store.ts';
import { writerTo } from './writer.ts';

/** Characters of records that wait before they are written together. */
const waitingMax = 64 * 1024;

/** Evidence as text in files. */
export class TextStore implements Store {
  readonly #files: Files;

  constructor(files: Files) {
    this.#files = files;
  }

  prepare(): void {
    this.#files.prepare();
  }

  pathOf(file: string): string {
    return this.#files.text(file).path;
  }

  writer(atOnce: boolean): ReturnType<Store['writer']> {
    return writerTo(this.#files.create(evidenceFile), atOnce ? 0 : waitingMax);
  }

  createRecord(): RecordFile<RecordLine> {
    const file = this.#files.create(recordFile);
    const lines = new LineChunks((piece) => file.write(piece));
    lines.add(recordHeader);
    return {
      async flush() {
        lines.flush();
      },
      add: (line) => lines.add(lineOf(line)),
      async close() {
        lines.flush();
        file.close();
      },
    };
  }

  createEffects(process: string): EffectLog {
    const spool = this.#files.spool(`${process}.ndjson`);
    const lines = new LineChunks((piece) => spool.write(piece));
    return {
      add: (effect) => lines.add(effectLine(effect)),
      clear() {
        lines.drop();
        spool.clear();
      },
      pieces() {
        lines.flush();
        return spool.pieces();
      },
      close: () => spool.close(),
    };
  }

  async save(file: LogFile, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    const saved = this.#files.create(file);
    saved.write('');
    try {
      for await (const bytes of pieces) saved.write(bytes);
    } finally {
      saved.close();
    }
  }

  records(experiment: Experiment, variant: string): ReturnType<Store['records']> {
    return readVariant(this.#files.text(evidenceFile), experiment, variant);
  }

  requests(size: number, isPossible?: Possible, grows?: boolean): Promise<Requests> {
    return readRecord(this.#files.text(recordFile), size, isPossible, grows);
  }

  effects(size: number, toLab?: ToLab): ReturnType<Store['effects']> {
    return readEffects(this.#files.text('effects.ndjson'), size, toLab);
  }

  fillAttempts(requests: Pick<Requests, 'attempts'>): Promise<void> {
    return fillAttempts(requests, this.#files.text('attempts.ndjson'));
  }
}
