import type { Static } from 'typebox';
import { mapOf } from '#kit/schema/schema.ts';
import { type Final, number, object, text } from './schema-helpers.ts';

export const PolicyResult = object({
  /** Its name in the pipeline. */
  policy: text,
  /** From 0, outermost first. */
  place: number,
  /** Count by action: refused, retried, opened, queued, timed-out. */
  acted: mapOf(number),
  /** Why it never acted, where that is known; else empty. */
  note: text,
});
/** Actions of a policy of a variant. */
export type PolicyResult = Final<Static<typeof PolicyResult>>;
