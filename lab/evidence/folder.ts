import { appendFileSync, closeSync, createReadStream, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { isSpecial } from '#kit/process/fs-errors.ts';
import { refusalOf } from '#kit/system-errors.ts';
import { EvidenceError } from './evidence-error.ts';
import type { Files, Sink, Text } from './files.ts';
import { evidenceFile } from './format.ts';
import { readSimulations } from './simulations.ts';
import type { RunStore, Store } from './store.ts';
import { textStore } from './text-store.ts';
import { writerTo } from './writer.ts';

/** Folders of a variant, of a round, and of a later try of variants, inside the run's folder. */
export const variantFolder = (folder: string, name: string): string => join(folder, 'variants', name);
export const roundFolder = (folder: string, seed: number): string => join(folder, 'rounds', String(seed));
export const rerunFolder = (folder: string, name: string): string => join(folder, 'reruns', name);

export const storeIn = (folder: string): Store => ({ ...textStore(filesIn(folder)), folder });

export const runIn = (folder: string): RunStore => ({
  folder,
  writer: () => writerTo(createFile(join(folder, evidenceFile))),
  variant: (name) => storeIn(variantFolder(folder, name)),
  simulations: () => readSimulations(folder),
});

const filesIn = (folder: string): Files => ({
  prepare: () => void mkdirSync(folder, { recursive: true }),
  text: (name) => textFile(join(folder, name)),
  create: (name) => createFile(join(folder, name)),
});

export const textFile = (path: string): Text => ({
  path,
  async *pieces() {
    try {
      if (isSpecial(path)) throw new EvidenceError('expected a regular file', { file: path });
      yield* createReadStream(path, 'utf8') as AsyncIterable<string>;
    } catch (cause) {
      if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
      throw new EvidenceError(`can't be read: ${refusalOf(cause)}`, { file: path, cause });
    }
  },
});

/** Returns a sink that creates the file, or empties an existing one, when it writes the first piece. */
export function createFile(path: string): Sink {
  let descriptor: number | undefined;
  return {
    write(piece) {
      descriptor ??= openSync(path, 'w');
      appendFileSync(descriptor, piece);
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
    },
  };
}
