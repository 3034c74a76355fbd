import { effectLine } from '#kit/wire.ts';
import { recordHeader } from '#load/protocol.ts';
import { recordIn } from '#load/record-file.ts';
import { readEffects } from './effects.ts';
import type { Files } from './files.ts';
import { evidenceFile } from './format.ts';
import { readVariant } from './reader.ts';
import { fillAttempts, readRecord } from './requests.ts';
import { recordFile, type Store } from './store.ts';
import { writerTo } from './writer.ts';

/** Characters of records that wait before they are written together. */
const waitingMax = 64 * 1024;

export const textStore = (files: Files): Store => ({
  prepare: files.prepare,
  pathOf: (file) => files.text(file).path,
  writer: (atOnce) => writerTo(files.create(evidenceFile), atOnce ? 0 : waitingMax),
  createRecord() {
    const file = files.create(recordFile);
    const lines = new LineChunks((piece) => file.write(piece));
    lines.add(recordHeader);
    return recordIn({
      add: (line) => lines.add(line),
      async close() {
        lines.flush();
        file.close();
      },
    });
  },
  createEffects() {
    const pieces: Uint8Array[] = [];
    const lines = new LineChunks((piece) => pieces.push(piece.slice()));
    return {
      add: (effect) => lines.add(effectLine(effect)),
      clear() {
        lines.flush();
        pieces.length = 0;
      },
      pieces() {
        lines.flush();
        return pieces;
      },
    };
  },
  async save(file, pieces) {
    const saved = files.create(file);
    try {
      saved.write('');
      for await (const bytes of pieces) saved.write(bytes);
    } finally {
      saved.close();
    }
  },
  records: (experiment, variant) => readVariant(files.text(evidenceFile), experiment, variant),
  requests: (size, isPossible) => readRecord(files.text(recordFile), size, isPossible),
  effects: (size, toLab) => readEffects(files.text('effects.ndjson'), size, toLab),
  fillAttempts: (requests) => fillAttempts(requests, files.text('attempts.ndjson')),
});

const chunkBytes = 64 * 1024;
const lineBreak = 10;

/**
 * Collects lines of ASCII, and writes them in large pieces. `write` must be done with a piece when it returns. Encodes
 * each line at once, since minor garbage collections would copy a growing text again and again.
 */
export class LineChunks {
  readonly #write: (piece: Uint8Array) => void;
  readonly #chunk = new Uint8Array(chunkBytes);
  readonly #encoder = new TextEncoder();
  #length = 0;

  constructor(write: (piece: Uint8Array) => void) {
    this.#write = write;
  }

  /** Adds a line of less than 64 KB, given without its line break. */
  add(line: string): void {
    if (this.#length + line.length >= chunkBytes) this.flush();
    this.#length += this.#encoder.encodeInto(line, this.#chunk.subarray(this.#length)).written;
    this.#chunk[this.#length++] = lineBreak;
  }

  flush(): void {
    if (this.#length > 0) this.#write(this.#chunk.subarray(0, this.#length));
    this.#length = 0;
  }
}
