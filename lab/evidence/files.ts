/** Text that is read in pieces. */
export interface Text {
  /** Name in messages. */
  readonly path: string;
  /** Reads from the begin. Throws EvidenceError if the text can't be read. */
  pieces(): Iterable<string> | AsyncIterable<string>;
}

/** File to which pieces are added. They are written when `write` returns. Fails like `writeSync`. */
export interface Sink {
  write(piece: string | Uint8Array): void;
  close(): void;
}

/** Pieces that are needed for a while. The next piece that is read may replace the bytes of the one before. */
export interface Spool extends Sink {
  pieces(): Iterable<Uint8Array>;
  clear(): void;
}

/** Files of the evidence of a variant: those of a folder, or in memory. */
export interface Files {
  /** Makes the place for the files. */
  prepare(): void;
  text(name: string): Text;
  /** Creates a file, or empties an existing one. */
  create(name: string): Sink;
  spool(name: string): Spool;
}

/** Returns files in memory. */
export function memoryFiles(): Files {
  const files = new Map<string, Uint8Array[]>();
  const spool = (name: string): Spool => {
    const pieces: Uint8Array[] = [];
    files.set(name, pieces);
    return {
      pieces: () => pieces,
      write: (piece) =>
        void pieces.push(typeof piece === 'string' ? new TextEncoder().encode(piece) : piece.slice()),
      clear() {
        pieces.length = 0;
      },
      close() {},
    };
  };
  function* textOf(name: string): Iterable<string> {
    const decoder = new TextDecoder();
    for (const piece of files.get(name) ?? []) yield decoder.decode(piece, { stream: true });
  }
  return { prepare() {}, create: spool, spool, text: (path) => ({ path, pieces: () => textOf(path) }) };
}
