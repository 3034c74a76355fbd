import * as fs from 'node:fs';
import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { StorageError } from '#kit/process/storage.ts';
import { attemptsLine, type Effect, effectLine, forgottenLine } from '#kit/wire.ts';
import type { Numbering } from './numbering.ts';

function opened(file: string): number {
  try {
    return fs.openSync(file, 'a+', 0o600);
  } catch (cause) {
    throw StorageError.ofFile(`the effect log ${file}`, cause);
  }
}

/**
 * Append-only log of effects, a JSON line for each. An effect counts as soon as the kernel has its line, so a SIGKILL
 * loses no effect that was reported to a caller. Each line is written alone, in 2 µs. Writing in batches would cost
 * more than it saves.
 */
export class EffectLog {
  readonly file: string;
  readonly #bytesMax: number;
  readonly #descriptor: number;
  #committed = new Set<string>();
  /** Ids that the file had before it was full, so that a repetition is still a duplicate. */
  #before = new Set<string>();
  /** Number of requests whose effects this process has forgotten because of `bytesMax`. */
  forgotten = 0;
  /** Length of the complete lines in bytes. Undefined if the file is not a regular one, e.g. /dev/null. */
  #bytes: number | undefined;

  /**
   * Opens `file` and reads the effects of an earlier process. When the file reaches `bytesMax`, its effects are
   * forgotten. Throws StorageError, or an Error if the file isn't an effect log.
   */
  constructor(file: string, bytesMax = Number.POSITIVE_INFINITY) {
    this.file = file;
    this.#bytesMax = bytesMax;
    this.#descriptor = opened(file);
    if (!fs.fstatSync(this.#descriptor).isFile()) return;
    const { ids, bytes } = readLog(file, this.#descriptor);
    this.#committed = ids;
    this.#truncate(bytes);
  }

  has(id: string): boolean {
    return this.#committed.has(id) || this.#before.has(id);
  }

  /** Appends an effect. If the file can't be written, e.g. on a full disk, throws StorageError and appends nothing. */
  commit(effect: Effect): void {
    const line = Buffer.from(`${effectLine(effect)}\n`);
    try {
      if (this.#bytes !== undefined && this.#bytes + line.length > this.#bytesMax) this.#forget();
      for (let at = 0; at < line.length; ) at += fs.writeSync(this.#descriptor, line, at);
    } catch (error) {
      // Removes a partially written line.
      if (this.#bytes !== undefined) this.#truncate(this.#bytes);
      throw StorageError.ofFile('the effect log', error);
    }
    if (this.#bytes !== undefined) this.#bytes += line.length;
    this.#committed.add(effect.id);
  }

  clear(): void {
    this.#committed.clear();
    this.#before.clear();
    if (this.#bytes !== undefined) this.#truncate(0);
  }

  close(): void {
    fs.closeSync(this.#descriptor);
  }

  #forget(): void {
    this.forgotten += this.#committed.size;
    const full = this.#committed;
    this.#committed = new Set();
    this.clear();
    this.#before = full;
  }

  #truncate(bytes: number): void {
    this.#bytes = bytes;
    fs.ftruncateSync(this.#descriptor, bytes);
  }
}

const pieceBytes = 64 * 1024;

/**
 * Returns the ids in a log, and the length of its complete lines. A last line without a line break was never committed.
 * Reads in pieces, since the log of a million effects is larger than a container's memory.
 */
function readLog(file: string, descriptor: number): { ids: Set<string>; bytes: number } {
  const ids = new Set<string>();
  const piece = Buffer.alloc(pieceBytes);
  let rest = Buffer.alloc(0);
  let bytes = 0;
  for (;;) {
    const length = fs.readSync(descriptor, piece, 0, pieceBytes, bytes + rest.length);
    if (length === 0) return { ids, bytes };
    const read = Buffer.concat([rest, piece.subarray(0, length)]);
    const end = read.lastIndexOf('\n') + 1;
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

/** Serves the effect log and the number of attempts of each id as JSON lines, and a route that clears both. */
export function effectRoutes(app: FastifyInstance, effects: EffectLog, numbering: Numbering): void {
  const contentType = 'application/x-ndjson';
  const serve = (path: string, text: () => Iterable<string> | AsyncIterable<Buffer>) =>
    app.get(path, (_request, reply) => {
      reply.header('content-type', contentType).send(Readable.from(text()));
    });
  serve('/effects', () => fs.createReadStream(effects.file));
  serve('/attempts', () => attemptsOf(numbering));
  app.delete('/effects', (_request, reply) => {
    effects.clear();
    numbering.clear();
    reply.code(204).send();
  });
}

function* attemptsOf(numbering: Numbering): Generator<string> {
  let lines = numbering.hasForgotten ? [`${forgottenLine}\n`] : [];
  for (const [id, attempts] of numbering.counts()) {
    lines.push(`${attemptsLine(id, attempts)}\n`);
    if (lines.length < 1000) continue;
    yield lines.join('');
    lines = [];
  }
  yield lines.join('');
}
