import type { Static, TObject } from 'typebox';
import type { Breakable, ProcessName } from '#lab/engine/testbed.ts';

/** One kind of fault: its options, and how it is brought about and mended. */
export interface Kind<S extends TObject> {
  readonly options: S;
  /** What reports say of the target: that it was `killed`. */
  readonly done: string;
  begin(testbed: Breakable, harm: Harm<S>): Promise<void>;
  /** Restores what was there before. */
  end(testbed: Breakable, harm: Harm<S>): Promise<void>;
}

/** What a fault is asked to do. */
interface Harm<S extends TObject> {
  readonly target: ProcessName;
  readonly options: Static<S>;
  /** What the target was configured with. */
  readonly config: unknown;
}

/** Lets the compiler infer the type of the options. */
export const kind = <S extends TObject>(fault: Kind<S>): Kind<S> => fault;
