import { closeSync, fstatSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';

/** The proof that downstream did the work of one attempt. */
export interface Effect {
  readonly id: string;
  readonly attempt: number;
  /** When it was committed, on the machine's monotonic clock. */
  readonly atMs: number;
  /** The caller had given up by then. */
  readonly gone: boolean;
  /** There was an effect for this id before. */
  readonly duplicate: boolean;
}

/** Effects that are written together. */
interface Group {
  readonly ids: Set<string>;
  readonly written: PromiseWithResolvers<void>;
  lines: string;
}

/**
 * The append-only log of effects, one JSON line each. An effect counts once its line is with the kernel, so a
 * SIGKILL of this process loses none that a caller was told of. Lines that are due together are written together.
 */
export class EffectLog {
  readonly file: string;
  readonly #descriptor: number;
  readonly #committed = new Set<string>();
  #group: Group | undefined;
  /** Length of the whole lines in the file; unknown where it is none, as /dev/null. */
  #bytes: number | undefined;

  /** Opens `file`, and takes over the effects of an earlier process that are in it. */
  constructor(file: string) {
    this.file = file;
    this.#descriptor = openSync(file, 'a+', 0o600);
    if (!fstatSync(this.#descriptor).isFile()) return;
    const text = readFileSync(this.#descriptor, 'utf8');
    for (const { id } of parseEffects(text)) this.#committed.add(id);
    this.#truncate(Buffer.byteLength(wholeLines(text)));
  }

  /** Whether there is an effect for the id, or one is about to be written. */
  has(id: string): boolean {
    return this.#committed.has(id) || (this.#group?.ids.has(id) ?? false);
  }

  /** Resolves when the effect is committed; rejects when the file can't be written, e.g. on a full disk. */
  commit(effect: Effect): Promise<void> {
    this.#group ??= this.#begin();
    this.#group.ids.add(effect.id);
    this.#group.lines += `${JSON.stringify(effect)}\n`;
    return this.#group.written.promise;
  }

  /** Resolves or rejects like the effects that are about to be written. */
  written(): Promise<void> {
    return this.#group?.written.promise ?? Promise.resolve();
  }

  /** Forgets everything. */
  clear(): void {
    this.#flush();
    this.#committed.clear();
    this.#truncate(0);
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }

  #begin(): Group {
    setImmediate(() => this.#flush());
    const written = Promise.withResolvers<void>();
    written.promise.catch(() => undefined);
    return { ids: new Set(), written, lines: '' };
  }

  #flush(): void {
    const group = this.#group;
    if (!group) return;
    this.#group = undefined;
    try {
      const bytes = Buffer.from(group.lines);
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#descriptor, bytes, at);
      if (this.#bytes !== undefined) this.#bytes += bytes.length;
      for (const id of group.ids) this.#committed.add(id);
      group.written.resolve();
    } catch (error) {
      group.written.reject(error);
      // A part may have been written before the disk was full, and the next line must not be glued to it.
      if (this.#bytes !== undefined) this.#truncate(this.#bytes);
    }
  }

  #truncate(bytes: number): void {
    this.#bytes = bytes;
    ftruncateSync(this.#descriptor, bytes);
  }
}

/** Reads the lines of a log; a last line that a crash cut short was never committed and is left out. */
export function parseEffects(text: string): Effect[] {
  return wholeLines(text)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

const wholeLines = (text: string): string => text.slice(0, text.lastIndexOf('\n') + 1);
