import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';

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

/**
 * The append-only log of effects, one JSON line each. An effect counts once its line is with the kernel, so a
 * SIGKILL of this process loses none that a caller was told of. Lines that are due together are written together.
 */
export class EffectLog {
  readonly #file: string;
  readonly #seen: Set<string>;
  #descriptor: number;
  #lines = '';
  #waiting: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  /** Opens `file`, and takes over the effects of an earlier process that are in it. */
  constructor(file: string) {
    this.#file = file;
    this.#seen = new Set(
      existsSync(file) ? parseEffects(readFileSync(file, 'utf8')).map(({ id }) => id) : [],
    );
    this.#descriptor = openSync(file, 'a', 0o600);
  }

  get file(): string {
    return this.#file;
  }

  has(id: string): boolean {
    return this.#seen.has(id);
  }

  /** Resolves when the effect is committed; rejects when the file can't be written, e.g. on a full disk. */
  commit(effect: Effect): Promise<void> {
    this.#seen.add(effect.id);
    this.#lines += `${JSON.stringify(effect)}\n`;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#waiting.length === 1) setImmediate(() => this.#flush());
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    const lines = this.#lines;
    this.#waiting = [];
    this.#lines = '';
    try {
      if (lines !== '') writeSync(this.#descriptor, lines);
      for (const { resolve } of waiting) resolve();
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#flush();
    this.#seen.clear();
    closeSync(this.#descriptor);
    this.#descriptor = openSync(this.#file, 'w', 0o600);
  }

  close(): void {
    this.#flush();
    closeSync(this.#descriptor);
  }
}

/** Reads the lines of a log; a last line that a crash cut short was never committed and is left out. */
export function parseEffects(text: string): Effect[] {
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
