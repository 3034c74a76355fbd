import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { StorageError } from '#kit/process/storage.ts';
import { type Effect, effectLine } from '#kit/wire.ts';

function opened(file: string): number {
  try {
    return openSync(file, 'a+', 0o600);
  } catch (cause) {
    throw StorageError.ofFile(`the effect log ${file}`, cause);
  }
}

/**
 * The append-only log of effects, one JSON line each. An effect counts once its line is with the kernel, so a
 * SIGKILL of this process loses none that a caller was told of. To write each by itself takes 2 µs; to gather them
 * costs more than it saves.
 */
export class EffectLog {
  readonly file: string;
  readonly #bytesMax: number;
  #descriptor: number;
  #committed = new Set<string>();
  /** The ids in the file that was full before this one. */
  #before = new Set<string>();
  #forgotten = 0;
  /** Length of the whole lines in the file; unknown where it is none, as /dev/null. */
  #bytes: number | undefined;

  /**
   * Opens `file`, and takes over the effects of an earlier process that are in it. With a bound in bytes, a full file
   * is put aside and the one put aside before it forgotten, so that a downstream that never ends has room. Throws
   * StorageError, or an Error where the file holds something else.
   */
  constructor(file: string, bytesMax = Number.POSITIVE_INFINITY) {
    this.file = file;
    this.#bytesMax = bytesMax;
    if (existsSync(this.#aside)) {
      const aside = opened(this.#aside);
      this.#before = readLog(this.#aside, aside).ids;
      closeSync(aside);
    }
    this.#descriptor = opened(file);
    if (!fstatSync(this.#descriptor).isFile()) return;
    const { ids, bytes } = readLog(file, this.#descriptor);
    this.#committed = ids;
    this.#truncate(bytes);
  }

  /** Where the effects are, the oldest first. */
  get files(): readonly string[] {
    return [this.#aside, this.file].filter((file) => existsSync(file));
  }

  /** Requests whose effects this process has forgotten for want of room. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** Whether there is an effect for the id. */
  has(id: string): boolean {
    return this.#committed.has(id) || this.#before.has(id);
  }

  /** Throws StorageError when the file can't be written, e.g. on a full disk; then there is no effect. */
  commit(effect: Effect): void {
    const line = Buffer.from(`${effectLine(effect)}\n`);
    try {
      if (this.#bytes !== undefined && this.#bytes + line.length > this.#bytesMax) this.#putAside();
      for (let at = 0; at < line.length; ) at += writeSync(this.#descriptor, line, at);
    } catch (error) {
      // A part may have been written before the disk was full, and the next line must not be glued to it.
      if (this.#bytes !== undefined) this.#truncate(this.#bytes);
      throw StorageError.ofFile('the effect log', error);
    }
    if (this.#bytes !== undefined) this.#bytes += line.length;
    this.#committed.add(effect.id);
  }

  /** Forgets everything. */
  clear(): void {
    this.#committed.clear();
    this.#before.clear();
    rmSync(this.#aside, { force: true });
    if (this.#bytes !== undefined) this.#truncate(0);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  get #aside(): string {
    return `${this.file}.before`;
  }

  #putAside(): void {
    renameSync(this.file, this.#aside);
    const full = this.#descriptor;
    try {
      this.#descriptor = openSync(this.file, 'a+', 0o600);
    } catch (error) {
      renameSync(this.#aside, this.file);
      throw error;
    }
    closeSync(full);
    this.#bytes = 0;
    this.#forgotten += this.#before.size;
    this.#before = this.#committed;
    this.#committed = new Set();
  }

  #truncate(bytes: number): void {
    this.#bytes = bytes;
    ftruncateSync(this.#descriptor, bytes);
  }
}

const pieceBytes = 64 * 1024;
const newline = 10;

/**
 * The ids in a log, and the length of its whole lines; a last line that a crash cut short was never committed. Reads a
 * piece at a time: the log of a million effects would take more memory than a container of ours has.
 */
function readLog(file: string, descriptor: number): { ids: Set<string>; bytes: number } {
  const ids = new Set<string>();
  const piece = Buffer.alloc(pieceBytes);
  let rest = Buffer.alloc(0);
  let bytes = 0;
  for (;;) {
    const length = readSync(descriptor, piece, 0, pieceBytes, bytes + rest.length);
    if (length === 0) return { ids, bytes };
    const read = Buffer.concat([rest, piece.subarray(0, length)]);
    const end = read.lastIndexOf(newline) + 1;
    for (const line of read.toString('utf8', 0, end).split('\n')) if (line !== '') ids.add(idIn(file, line));
    rest = read.subarray(end);
    bytes += end;
  }
}

function idIn(file: string, line: string): string {
  try {
    return JSON.parse(line).id;
  } catch (cause) {
    throw new Error(`the effect log ${file} holds something else: ${(cause as Error).message}`, { cause });
  }
}
