import type { Static } from 'typebox';
import { mapOf } from '#kit/schema.ts';
import { type Final, number, object, text } from './forms.ts';

export const PolicyResult = object({
  /** Its name in the pipeline. */
  policy: text,
  /** From 0, outermost first. */
  place: number,
  /** How often it did each thing that it can do: refused, retried, opened, queued, timed-out. */
  acted: mapOf(number),
  /** Why it never acted, where that is known; else empty. */
  note: text,
});
/** What a policy of a variant did. */
export type PolicyResult = Final<Static<typeof PolicyResult>>;
