import type { JsMsg } from '@nats-io/jetstream';
import type { Work } from '#policies/policy.ts';

/** A delivery under way. */
export interface Delivery {
  readonly message: JsMsg;
  readonly work: Work;
  /** See `Handle` of intake.ts. */
  readonly uncounted: boolean;
  /** The number of the last attempt that an earlier delivery can have made. */
  readonly lastAttemptBefore: number;
}

/** Attempts made in a delivery so far. */
export const attemptsOf = ({ work, lastAttemptBefore }: Delivery): number =>
  work.attempts - lastAttemptBefore;
