import type { Static, TObject } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';

/** Fields that every kind of fault has, regardless of the process that injects it. */
export interface FaultKind<S extends TObject> {
  readonly options: S;
  /** State of the affected target, in the words of reports, e.g. `killed`. */
  readonly state: string;
  /** True if the target counts the attempts that the fault affects. */
  readonly isCounted?: boolean;
  readonly exclusive?: boolean;
  /** True if the fault stops all traffic of an affected connection, or the whole process. */
  readonly stops?: (options: Static<S>) => boolean;
  /** Returns problems of the options that their schema can't detect. */
  readonly problems?: (options: Static<S>) => Problem[];
}
