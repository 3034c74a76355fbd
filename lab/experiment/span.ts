import type { Static } from 'typebox';
import { type Final, number, object } from './schema-helpers.ts';

export const Span = object({
  fromMs: number('Since the first scheduled time.'),
  untilMs: number('Since the first scheduled time.'),
});
export type Span = Final<Static<typeof Span>>;
