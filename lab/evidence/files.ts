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

/** Files of the evidence of a variant: those of a folder, or in memory. */
export interface Files {
  prepare(): void;
  text(name: string): Text;
  /** Creates a file, or empties an existing one. */
  create(name: string): Sink;
}
